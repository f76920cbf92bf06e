import { joinServiceManager } from "../lib/host/platform/windows-service.ts";
import { binaryOf, type Daemon } from "./daemons.ts";

/** Joins Windows's service manager, and gives what tells it of our states in the words of sd_notify(3).
 *  Its wish to stop arrives as the signal that every daemon answers. */
export async function joinAsService(daemon: Daemon): Promise<(state: string) => void> {
  const service = await joinServiceManager(binaryOf(daemon), () => void process.emit("SIGTERM", "SIGTERM"));
  process.on("exit", (code) => service.stopped(code));
  return (state) => {
    if (state.startsWith("READY=1")) service.running();
    if (state.startsWith("STOPPING=1")) service.stopping();
  };
}
