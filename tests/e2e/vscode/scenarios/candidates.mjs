// The candidates are looked at before one is taken: code, source, licence and reasons.
import { until } from "../workbench.mjs";
import { caret, typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  const titles = await workbench.actions();
  const look = titles.indexOf("Look at the candidates…");
  await workbench.press(...Array(look).fill("ArrowDown"), "Enter");
  await workbench.answer("Candidates for");
  const [first, second] = titles.map((title) => title.match(/^Insert: (.+?) — /)?.[1]);
  await until(() => preview(workbench, first), "the preview of the first one");
  await workbench.press("ArrowDown");
  const shown = await until(() => preview(workbench, second), "the preview of the second one");
  await workbench.shot("candidates");
  const untouched = await caret(workbench);
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await until(async () => !(await preview(workbench, second)), "the end of the preview");
  await workbench.save();
  return { titles, preview: shown, untouched };
}

/** The lines of the preview: what stands above the code is drawn by decorations. */
function preview(workbench, name) {
  return workbench.page.evaluate((symbol) => {
    const views = [...document.querySelectorAll(".editor-instance .view-lines")];
    const drawn = (line) =>
      [...line.querySelectorAll("span[class*=ced-]")]
        .map((span) => getComputedStyle(span, "::before").content.replace(/^"|"$/g, ""))
        .filter((text) => text !== "none")
        .join("") || line.textContent;
    const top = (line) => Number.parseFloat(line.style.top);
    const texts = views.map((view) =>
      [...view.querySelectorAll(".view-line")]
        .sort((a, b) => top(a) - top(b))
        .map(drawn)
        .join("\n")
        .replace(/\u00a0/g, " ")
        .trim(),
    );
    return texts.find((text) => text.startsWith(symbol)) ?? "";
  }, name);
}
