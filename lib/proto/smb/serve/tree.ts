import { readEmptyBody, writeEmptyBody } from "../empty-body.ts";
import { cipher } from "../negotiate.ts";
import { ntStatus } from "../status.ts";
import { ask, refuse, reply, serving, whereOf, type Handler } from "../step.ts";
import { readTreeConnectRequest, shareType, writeTreeConnectResponse } from "../tree-connect.ts";

const maxTrees = 1024;

/** TREE_CONNECT (MS-SMB2 §3.3.5.7). */
export const serveTreeConnect: Handler = serving(readTreeConnectRequest, (call, { path }) => {
  const session = call.session!;
  if (session.trees.size >= maxTrees) return refuse(ntStatus.insufficientResources);
  return ask({ kind: "tree-connect", session: session.id, path }, (facts) => {
    if (facts.encrypt && call.spoken!.cipher === cipher.none) return refuse(ntStatus.accessDenied);
    const isPipes = facts.type === shareType.pipe;
    session.trees.set(facts.tree, { id: facts.tree, encrypt: facts.encrypt, isPipes });
    return reply((w) => writeTreeConnectResponse(w, facts), { treeId: facts.tree });
  });
});

/** TREE_DISCONNECT (MS-SMB2 §3.3.5.8). */
export const serveTreeDisconnect: Handler = serving(readEmptyBody, (call) => {
  call.session!.trees.delete(call.tree!.id);
  return ask({ kind: "tree-disconnect", ...whereOf(call) }, () => reply(writeEmptyBody));
});
