import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHouse } from "../interop/house.ts";
import type { Contender, Duel, Running } from "./duel.ts";
import { ftpLoad, type FtpOrders } from "./ftp-load.ts";
import { freePort, listening } from "./server.ts";

const large = 2 ** 30;
const times = 3;

/** Holdfast's FTP beside vsftpd, which sends a plain file with sendfile. */
export function ftpDuels(): Duel[] {
  const contenders = [holdfast, ...(Bun.which("vsftpd") ? [vsftpd] : [])];
  return [{ title: "FTP RETR 1 GiB, one connection", unit: "MB/s", rounds: 3, contenders }];
}

async function fetchLarge(orders: Omit<FtpOrders, "times">): Promise<{ units: number; seconds: number }> {
  const { bytes, seconds } = await ftpLoad({ ...orders, times });
  if (bytes !== large * times) throw new Error(`${bytes} bytes came of ${large * times}`);
  return { units: bytes / 1e6, seconds };
}

const holdfast: Contender = {
  name: "holdfast-ftpd",
  async start() {
    const house = await startHouse();
    const { s3, ftp } = house.ready;
    const client = new Bun.S3Client({ ...s3, bucket: "home" });
    const writer = client.file("large").writer({ partSize: 64 << 20, queueSize: 2 });
    const chunk = new Uint8Array(16 << 20).map((_, i) => i);
    for (let at = 0; at < large; at += chunk.length) await writer.write(chunk);
    await writer.end();
    const { port, user, password } = ftp;
    return {
      pids: [house.pid],
      run: () => fetchLarge({ port, user, password, path: "/large" }),
      [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
    };
  },
};

const vsftpd: Contender = { name: "vsftpd", start: startVsftpd };

async function startVsftpd(): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-vsftpd-"));
  const port = await freePort();
  const files = join(folder, "files");
  await mkdir(files, { mode: 0o755 });
  await mkdir(join(folder, "empty"), { mode: 0o755 });
  await writeFile(join(files, "large"), new Uint8Array(large), { mode: 0o644 });
  await writeFile(
    join(folder, "vsftpd.conf"),
    `listen=YES
listen_address=127.0.0.1
listen_port=${port}
background=NO
anonymous_enable=YES
local_enable=NO
anon_root=${files}
secure_chroot_dir=${join(folder, "empty")}
ftp_username=ftp
seccomp_sandbox=NO
`,
  );
  await Bun.spawn(["chmod", "755", folder]).exited;
  const child = Bun.spawn(["vsftpd", join(folder, "vsftpd.conf")], { stdout: "ignore", stderr: "inherit" });
  await listening(port);
  return {
    pids: [child.pid],
    run: () => fetchLarge({ port, user: "anonymous", password: "x", path: "large" }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
      await rm(folder, { recursive: true });
    },
  };
}
