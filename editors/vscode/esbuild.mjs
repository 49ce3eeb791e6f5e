// Bundles the extension, and with the word `test` its unit tests; with `watch` again at every change.
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import * as esbuild from "esbuild";

const shared = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node18",
  external: ["vscode"],
  logLevel: "warning",
};

const extension = {
  ...shared,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  minify: true,
};

mkdirSync("dist", { recursive: true });
if (process.argv.includes("test")) {
  const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  await esbuild.build({
    ...shared,
    entryPoints: tests.map((name) => `test/${name}`),
    outdir: "dist/test",
  });
} else if (process.argv.includes("watch")) {
  await (await esbuild.context(extension)).watch();
} else {
  await esbuild.build(extension);
  for (const name of ["vscode-ghost-text.png", "vscode-why.png"]) {
    const picture = `../../docs/images/${name}`;
    if (existsSync(picture)) copyFileSync(picture, `dist/${name}`);
  }
  copyFileSync("../../LICENSE", "LICENSE");
}
