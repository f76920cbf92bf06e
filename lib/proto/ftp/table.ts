import { alias, refused, type Command } from "./command.ts";
import { abor } from "./commands/abor.ts";
import { acct } from "./commands/acct.ts";
import { allo } from "./commands/allo.ts";
import { auth, ccc, pbsz, prot } from "./commands/auth.ts";
import { avbl } from "./commands/avbl.ts";
import { clnt } from "./commands/clnt.ts";
import { checksums, md5 } from "./commands/checksum.ts";
import { comb } from "./commands/comb.ts";
import { csid } from "./commands/csid.ts";
import { cdup, cwd } from "./commands/cwd.ts";
import { dele } from "./commands/dele.ts";
import { eprt, port } from "./commands/active.ts";
import { epsv, pasv } from "./commands/passive.ts";
import { feat } from "./commands/feat.ts";
import { hash } from "./commands/hash.ts";
import { host } from "./commands/host.ts";
import { help } from "./commands/help.ts";
import { lang } from "./commands/lang.ts";
import { list, mlsd, nlst } from "./commands/list.ts";
import { mdtm } from "./commands/mdtm.ts";
import { mff } from "./commands/mff.ts";
import { mfmt } from "./commands/mfmt.ts";
import { mkd } from "./commands/mkd.ts";
import { mlst } from "./commands/mlst.ts";
import { mode } from "./commands/mode.ts";
import { noop } from "./commands/noop.ts";
import { opts } from "./commands/opts.ts";
import { pass } from "./commands/pass.ts";
import { pwd } from "./commands/pwd.ts";
import { quit } from "./commands/quit.ts";
import { rang } from "./commands/rang.ts";
import { rein } from "./commands/rein.ts";
import { rest } from "./commands/rest.ts";
import { retr } from "./commands/retr.ts";
import { rmd } from "./commands/rmd.ts";
import { rnfr, rnto } from "./commands/rename.ts";
import { site } from "./commands/site.ts";
import { size } from "./commands/size.ts";
import { appe, stor } from "./commands/stor.ts";
import { stat } from "./commands/stat.ts";
import { stou } from "./commands/stou.ts";
import { stru } from "./commands/stru.ts";
import { syst } from "./commands/syst.ts";
import { type } from "./commands/type.ts";
import { user } from "./commands/user.ts";

const known = 502;

/** Everything a client may say, what is refused included. */
const rows: readonly Command[] = [
  // Who you are: RFC 959 §4.1.1
  host,
  user,
  pass,
  acct,
  rein,
  quit,
  // Securing it: RFC 2228, RFC 4217
  auth,
  pbsz,
  prot,
  ccc,
  ...["ADAT", "MIC", "CONF", "ENC"].map((verb) => refused(verb, known, "TLS does that here")),
  // Where you are
  cwd,
  alias("XCWD", cwd),
  cdup,
  alias("XCUP", cdup),
  pwd,
  alias("XPWD", pwd),
  refused("SMNT", known, "There is one file system"),
  // How data moves
  type,
  stru,
  mode,
  rest,
  rang,
  allo,
  pasv,
  epsv,
  port,
  eprt,
  ...["LPRT", "LPSV", "CPSV", "SSCN"].map((verb) => refused(verb, known, "Use EPSV or EPRT")),
  // What moves
  retr,
  stor,
  appe,
  stou,
  list,
  nlst,
  mlsd,
  abor,
  // What is there: RFC 3659 and its neighbours
  mlst,
  size,
  mdtm,
  mfmt,
  refused("MFCT", known, "When it was made cannot be changed"),
  mff,
  avbl,
  stat,
  hash,
  md5,
  ...checksums,
  // Changing it
  mkd,
  alias("XMKD", mkd),
  rmd,
  alias("XRMD", rmd),
  dele,
  rnfr,
  rnto,
  comb,
  site,
  // About the service
  feat,
  opts,
  help(() => table),
  syst,
  noop,
  lang,
  clnt,
  csid,
];

export const table: ReadonlyMap<string, Command> = new Map(rows.map((row) => [row.verb, row]));
