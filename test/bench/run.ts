/** `npm run bench [-- WORD…]`: every entry whose title has one of the words; all where none is given. */
import { entryOf } from "./duel.ts";
import { ftpDuels } from "./ftp-duels.ts";
import { s3Duels } from "./s3-duels.ts";
import { s3Rivals } from "./s3-rivals.ts";
import { startEntries } from "./starts.ts";
import { storeEntries } from "./store-entries.ts";
import { timeDuels } from "./time-duels.ts";

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const duels = [...s3Duels(), ...s3Rivals(), ...ftpDuels(), ...timeDuels()];
const all = [...duels.map(entryOf), ...storeEntries(), ...startEntries()];
const chosen = all.filter(
  ({ title }) => words.length === 0 || words.some((w) => title.toLowerCase().includes(w)),
);
if (chosen.length === 0) {
  console.error(
    `bench: none is called so\n  there are:\n${all.map(({ title }) => `    ${title}`).join("\n")}`,
  );
  process.exitCode = 64;
}
for (const entry of chosen) await entry.run();
