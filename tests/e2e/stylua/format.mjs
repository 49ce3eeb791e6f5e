// Check (or with --write mend) the format of Lua files: format.mjs [--write] STYLUA.TOML FILE...
import { readFileSync, writeFileSync } from "node:fs";
import {
  CollapseSimpleStatement,
  Config,
  IndentType,
  OutputVerification,
  formatCode,
} from "@johnnymorganz/stylua";

const TYPES = { collapse_simple_statement: CollapseSimpleStatement, indent_type: IndentType };

function configured(path) {
  const config = Config.new();
  for (const line of readFileSync(path, "utf8").split("\n").filter(Boolean)) {
    const [name, value] = line.split(" = ");
    const read = JSON.parse(value);
    config[name] = TYPES[name]?.[read] ?? read;
  }
  return config;
}

const args = process.argv.slice(2);
const write = args[0] === "--write" && args.shift();
const [settings, ...files] = args;
const changed = files.filter((file) => {
  const text = readFileSync(file, "utf8");
  const formatted = formatCode(text, configured(settings), undefined, OutputVerification.Full);
  if (write) writeFileSync(file, formatted);
  return formatted !== text;
});
for (const file of changed) console.log(`${write ? "formatted" : "not formatted"}: ${file}`);
process.exit(changed.length > 0 && !write ? 1 : 0);
