/** A server that serves everybody may not fall over what one client sends: valid conversations bent at
 *  random, by a seed that repeats them. */
import { expect, test } from "bun:test";
import { seededEntropy } from "../../lib/base/entropy.ts";
import { SmbConversation } from "../../lib/gate/smb/conversation.ts";
import { SmbHouse } from "../../lib/gate/smb/house.ts";
import { framed } from "../../lib/proto/smb/frame.ts";
import { TestClient } from "../smb/client.ts";
import { trialNeeds, trialPassword, trialSettings } from "../smb/trial-server.ts";

const rounds = process.env["HOLDFAST_LONG"] ? 20_000 : 400;
const sizes = [57, 24, 24, 49, 49, 48, 57, 33, 32, 41, 33, 24, 36, 9, 4, 25];

/** Bodies whose sizes are right and whose fields are anything: they come further than noise does. */
function bentBody(random: (below: number) => number): Uint8Array {
  const body = new Uint8Array(2 + random(random(4) === 0 ? 400 : 120));
  for (let i = 0; i < body.length; i++) body[i] = random(3) === 0 ? random(256) : 0;
  body[0] = sizes[random(sizes.length)]!;
  body[1] = 0;
  if (random(2) === 0) body.fill(0xff, 8, 24);
  if (random(2) === 0) body.fill(0xff, 16, 32);
  return body;
}

test(`${rounds} bent conversations`, async () => {
  const needs = trialNeeds();
  const house = new SmbHouse(needs, trialSettings.serverGuid);
  let session = 1n;
  const ambience = { entropy: needs.entropy, wall: () => needs.clock.wall(), nextSessionId: () => session++ };
  const made = () => new SmbConversation(house, trialSettings, ambience, "192.0.2.1");
  for (let seed = 1; seed <= rounds; seed++) {
    const bytes = seededEntropy(seed * 7919);
    const random = (below: number): number => {
      const [a, b] = bytes(2);
      return ((a! << 8) | b!) % below;
    };
    const conversation = made();
    const client = new TestClient(conversation);
    await client.signIn({ user: "alice", domain: "", password: trialPassword });
    await client.connect(random(5) === 0 ? "IPC$" : "home");
    const count = 1 + random(6);
    const requests = Array.from({ length: count }, (_, i) => ({
      code: random(20),
      related: i > 0 && random(2) === 0,
      write: (w: { bytes(b: Uint8Array): void }) => w.bytes(bentBody(random)),
    }));
    if (!client.closed) await client.compound(requests);
    if (!client.closed && random(3) === 0) client.sendRaw(framed(bytes(random(300))));
    conversation.ended();
    await client.settle();
  }
  await house.emptied();
  expect(house.openCount).toBe(0);
});

test("noise before anybody is known", () => {
  const needs = trialNeeds();
  const house = new SmbHouse(needs, trialSettings.serverGuid);
  const ambience = { entropy: needs.entropy, wall: () => needs.clock.wall(), nextSessionId: () => 1n };
  for (let seed = 1; seed <= rounds * 5; seed++) {
    const bytes = seededEntropy(seed);
    const client = new TestClient(new SmbConversation(house, trialSettings, ambience, ""));
    const noise = bytes(10 + (bytes(1)[0]! % 200));
    noise.set([0, 0, 0, noise.length - 4]);
    if (seed % 2 === 0) noise.set([0xfe, 0x53, 0x4d, 0x42, 64, 0], 4);
    client.sendRaw(noise);
  }
});
