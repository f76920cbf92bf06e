/** An S3 server as the bench asks it: presigned targets for heads that are sent again and again. */
import { presign, type Credentials } from "../../lib/proto/s3/sign.ts";

export interface S3Door {
  readonly port: number;
  readonly host: string;
  /** The head of a request on `key`, signed for an hour. */
  head(method: "GET" | "HEAD" | "PUT" | "DELETE", key: string, bodyBytes?: number): string;
  put(key: string, body: Uint8Array): Promise<void>;
}

/** The server on that port of loopback, with the bucket made. */
export async function openDoor(port: number, by: Credentials, bucket: string): Promise<S3Door> {
  const host = `127.0.0.1:${port}`;
  const link = (method: string, target: string): string =>
    presign({ method, target, headers: { host } }, by, Date.now(), 3600);
  const send = async (target: string, body: Uint8Array): Promise<void> => {
    const answer = await fetch(`http://${host}${link("PUT", target)}`, { method: "PUT", body: body.slice() });
    if (!answer.ok) throw new Error(`PUT ${target}: ${answer.status} ${await answer.text()}`);
  };
  await send(`/${bucket}`, new Uint8Array(0));
  return {
    port,
    host,
    head(method, key, bodyBytes) {
      const length = bodyBytes === undefined ? "" : `Content-Length: ${bodyBytes}\r\n`;
      return `${method} ${link(method, `/${bucket}/${key}`)} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n`;
    },
    put: (key, body) => send(`/${bucket}/${key}`, body),
  };
}
