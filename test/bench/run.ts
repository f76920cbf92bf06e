/** `npm run bench [-- WORD…]`: every duel whose title has one of the words; all where none is given. */
import { fight } from "./duel.ts";
import { ftpDuels } from "./ftp-duels.ts";
import { s3Duels } from "./s3-duels.ts";
import { timeDuels } from "./time-duels.ts";

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const all = [...s3Duels(), ...ftpDuels(), ...timeDuels()];
const chosen = all.filter(
  ({ title }) => words.length === 0 || words.some((w) => title.toLowerCase().includes(w)),
);
if (chosen.length === 0) {
  console.error(
    `bench: none is called so\n  there are:\n${all.map(({ title }) => `    ${title}`).join("\n")}`,
  );
  process.exitCode = 64;
}
for (const duel of chosen) await fight(duel);
