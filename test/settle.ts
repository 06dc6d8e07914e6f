/** Whatever has been begun, and needs turns of the event loop but no time, gets done. */
export async function settle(turns = 30): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
