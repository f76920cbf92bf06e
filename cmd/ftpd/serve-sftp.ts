import type { Endpoint } from "../../lib/base/endpoint.ts";
import { randomText } from "../../lib/base/ids.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { signIn, type FileDoorNeeds } from "../../lib/gate/file-door.ts";
import { SftpConversation, type PartialUploads } from "../../lib/gate/sftp/conversation.ts";
import { converse } from "../../lib/host/conversation.ts";
import {
  sshAcceptor,
  type ChannelAsk,
  type Login,
  type SshHooks,
  type SshStream,
} from "../../lib/host/ssh.ts";
import { sshHostKeys } from "../../lib/host/ssh-host-keys.ts";
import { listenTcp, type Served, type TcpListener } from "../../lib/host/tcp.ts";
import type { Entropy } from "../../lib/base/entropy.ts";
import type { User } from "../../lib/rules/identity.ts";
import { readExecCommand } from "../../lib/proto/sftp/exec-command.ts";
import { ScpSession } from "../../lib/proto/sftp/scp-session.ts";
import { scpSink } from "../../lib/proto/sftp/scp-sink.ts";
import { scpSource } from "../../lib/proto/sftp/scp-source.ts";
import type { AskCode } from "./password-check.ts";
import type { SftpGuest, SftpSessionBook } from "./sftp-guest.ts";

/** What SFTP needs of the house beside what every door for files does. */
export interface SftpNeeds extends FileDoorNeeds {
  /** `askCode`: how to ask for a one-time code, of those who need one. */
  checkPassword(user: string, password: string, address: string, askCode?: AskCode): Promise<Result<User>>;
  /** Whether the public key may sign in for the name. */
  mayUseKey(user: string, key: string): boolean;
  /** The user of a name whose key was proved. Faults: unauthenticated. */
  userNamed(user: string): Promise<Result<User>>;
  readonly entropy: Entropy;
}

export interface SftpService {
  readonly data: string;
  readonly needs: SftpNeeds;
  readonly sessions: SftpSessionBook;
  readonly refuses: (address: string) => string | undefined;
  readonly isProxy: (address: string) => boolean;
  readonly partialUploads: PartialUploads;
  readonly loginMs: number;
  readonly limits: { readonly total: number; readonly perAddress: number };
}

/** Serves SFTP over SSH at `listen`. Faults: unavailable. */
export async function serveSftp(listen: Endpoint, service: SftpService): Promise<Result<TcpListener>> {
  const { needs, limits, refuses, isProxy, loginMs } = service;
  try {
    const hostKeys = await sshHostKeys(service.data);
    const accept = sshAcceptor(hooksOf(service), { hostKeys, loginMs, log: needs.log });
    return ok(await listenTcp(listen, accept, { limits, log: needs.log, refuses, isProxy }));
  } catch (error) {
    return fail("unavailable", `SFTP cannot be served: ${(error as Error).message}`, {
      where: `${listen.host} ${listen.port}`,
      mend: "end what uses the port, or set sftp.listen",
    });
  }
}

function hooksOf(service: SftpService): SshHooks<SftpGuest> {
  const { needs, sessions } = service;
  const letIn = async (login: Login, checked: Result<User>): Promise<SftpGuest | undefined> => {
    const { name, address, hangUp } = login;
    const from = { door: "sftp", address, request: randomText(needs.entropy, 8) } as const;
    const answer = await signIn(needs, name, from, checked);
    if (!answer.ok) return undefined;
    needs.tally.began();
    const channels = new Set<SftpConversation>();
    const guest = { ...answer.value, since: needs.clock.wall(), channels, hangUp };
    sessions.enter(guest);
    return guest;
  };
  return {
    password: async (login, password) =>
      await letIn(login, await needs.checkPassword(login.name, password, login.address)),
    async interactive(login, ask) {
      const password = await ask("Password: ");
      if (password === undefined) return undefined;
      const askCode = (): Promise<string | undefined> => ask("One-time code: ");
      return await letIn(login, await needs.checkPassword(login.name, password, login.address, askCode));
    },
    mayUseKey: async ({ name }, key) => needs.mayUseKey(name, key),
    keyProved: async (login) => await letIn(login, await needs.userNamed(login.name)),
    channel: (guest, asked, stream) => serveChannel(service, guest, asked, stream),
    left(guest) {
      sessions.left(guest);
      guest.leave();
      needs.tally.ended();
      const { actor, user } = guest;
      const at = needs.clock.wall();
      needs.audit.tell({ at, actor, verb: "sign-out", target: user.name, outcome: "ok", detail: {} });
    },
  };
}

function serveChannel(
  service: SftpService,
  guest: SftpGuest,
  asked: ChannelAsk,
  stream: SshStream,
): Served | undefined {
  const { needs, partialUploads } = service;
  const scp = "exec" in asked ? scpSession(asked.exec) : undefined;
  if ("exec" in asked && !scp) return undefined;
  const conversation = new SftpConversation(needs, guest, partialUploads, scp);
  guest.channels.add(conversation);
  stream.once("close", () => guest.channels.delete(conversation));
  // Clients wait for a status before they believe in the end.
  const beforeEnd = (): void => stream.exit(scp?.exitStatus ?? 0);
  return converse(stream, conversation, { clock: needs.clock, log: needs.log, beforeEnd });
}

/** Undefined where the command is not scp: nothing else is run here. */
function scpSession(text: string): ScpSession | undefined {
  const command = readExecCommand(text);
  if (command.run !== "scp") return undefined;
  const run = command.way === "to" ? scpSink : scpSource;
  return new ScpSession((say) => run(command, say));
}
