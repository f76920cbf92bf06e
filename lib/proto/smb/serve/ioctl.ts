import { equalBytes } from "../../../base/bytes.ts";
import { decode } from "../../../wire/decode.ts";
import {
  fsctl,
  readIoctlRequest,
  readValidateNegotiate,
  validateNegotiateBytes,
  writeIoctlResponse,
} from "../ioctl.ts";
import { securityModeOf, type SmbSettings } from "../negotiation.ts";
import { ntStatus } from "../status.ts";
import {
  ask,
  drop,
  fileOf,
  paysFor,
  refuse,
  reply,
  serving,
  whereOf,
  type Call,
  type Handler,
  type Step,
} from "../step.ts";
import { dialect } from "../negotiate.ts";

/** IOCTL (MS-SMB2 §3.3.5.15). What is about the connection itself is answered here, the rest by the gate. */
export const serveIoctl = (settings: SmbSettings): Handler =>
  serving(readIoctlRequest, (call, request) => {
    const { code, input, maxOutput } = request;
    if (!request.isFsctl) return refuse(ntStatus.notSupported);
    if (!paysFor(call, Math.max(input.length, maxOutput))) return refuse(ntStatus.invalidParameter);
    if (code === fsctl.validateNegotiate) return validate(call, request.file, input, settings);
    if (code === fsctl.dfsGetReferrals || code === fsctl.dfsGetReferralsEx) return refuse(ntStatus.notFound);
    const file = fileOf(call, request.file);
    return ask(
      { kind: "control", ...whereOf(call), file, code, input, maxOutput, signal: call.signal },
      (output, status) => reply((w) => writeIoctlResponse(w, { code, file, output }), { status, file }),
      20,
    );
  });

/** MS-SMB2 §3.3.5.15.12: what was negotiated in the clear must be what the client remembers, or somebody
 *  has changed it on the way and the connection ends. */
function validate(
  call: Call,
  file: { persistent: bigint; volatile: bigint },
  input: Uint8Array,
  settings: SmbSettings,
): Step {
  const spoken = call.spoken!;
  const claim = decode(readValidateNegotiate, input);
  if (!claim.ok || spoken.dialect === dialect.smb311) return drop;
  const { capabilities, guid, securityMode: mode, dialects } = claim.value;
  const same =
    capabilities === spoken.clientCapabilities &&
    mode === spoken.clientSecurityMode &&
    equalBytes(guid, spoken.clientGuid) &&
    dialects.length === spoken.offered.length &&
    dialects.every((d, i) => d === spoken.offered[i]);
  if (!same) return drop;
  const output = validateNegotiateBytes({
    capabilities: spoken.serverCapabilities,
    guid: settings.serverGuid,
    securityMode: securityModeOf(settings),
    dialects: [],
  });
  output.set([spoken.dialect & 0xff, spoken.dialect >> 8], 22); // in place of the count
  return reply((w) => writeIoctlResponse(w, { code: fsctl.validateNegotiate, file, output }));
}
