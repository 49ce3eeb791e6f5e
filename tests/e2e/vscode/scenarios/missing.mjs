// No server: what a person is told, and what happens when it cannot be fetched.
export async function play(workbench, given) {
  await workbench.sees("import");
  const told = await workbench.notification(given.told);
  await workbench.shot("missing");
  const status = await workbench.status();
  if (!given.setUp) return { told, status };
  await workbench.page.locator(".notification-toast a", { hasText: "Set Up the Server" }).click();
  const failure = await workbench.notification(given.failure);
  await workbench.shot("offline");
  return { told, status, failure };
}
