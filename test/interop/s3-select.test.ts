import { afterAll, beforeAll } from "bun:test";
import { apt, needs } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

const house: { s3d: S3d } = {} as never;
const test = needs(apt("python3", "python3-boto3"));

beforeAll(async () => {
  house.s3d = await startS3d();
});
afterAll(() => house.s3d[Symbol.asyncDispose]());

async function python(script: string): Promise<void> {
  const head = `
import boto3, gzip, json
from botocore.config import Config
from botocore.exceptions import ClientError
s3 = boto3.client("s3", endpoint_url="${house.s3d.endpoint}", config=Config(s3={"addressing_style": "path"}))
def select(key, sql, given, out={"CSV": {}}, **more):
    r = s3.select_object_content(Bucket="sel", Key=key, ExpressionType="SQL", Expression=sql,
        InputSerialization=given, OutputSerialization=out, **more)
    text, stats, ended = b"", None, False
    for event in r["Payload"]:
        if "Records" in event: text += event["Records"]["Payload"]
        if "Stats" in event: stats = event["Stats"]["Details"]
        if "End" in event: ended = True
    assert ended and stats["BytesReturned"] == len(text), stats
    return text.decode()
def refused(code, call):
    try: call()
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return
    assert False, "not refused: " + code
csv = {"CSV": {"FileHeaderInfo": "USE"}}
try: s3.create_bucket(Bucket="sel")
except ClientError: pass
`;
  const done = await house.s3d.run(["python3", "-c", `${head}${script}\nprint("fine")`]);
  if (done.out !== "fine\n") throw new Error(`${done.out}\n${done.err}\n${house.s3d.said()}`);
}

test("boto3 selects from CSV, JSON and gzip", () =>
  python(`
rows = "name,age,city\\n" + "".join(f"user{i},{i % 90},\\"Bad, Ems\\"\\n" for i in range(50_000))
s3.put_object(Bucket="sel", Key="u.csv", Body=rows.encode())
assert select("u.csv", "SELECT COUNT(*) FROM S3Object s WHERE CAST(s.age AS INT) >= 80", csv) == "5550\\n"
out = select("u.csv", "SELECT s.name, s.city FROM S3Object s WHERE s.age = 7 LIMIT 2", csv)
assert out == 'user7,"Bad, Ems"\\nuser97,"Bad, Ems"\\n', out
out = select("u.csv", "SELECT _1 FROM S3Object LIMIT 1", {"CSV": {"FileHeaderInfo": "NONE"}}, {"JSON": {}})
assert out == '{"_1":"name"}\\n', out
assert select("u.csv", "SELECT * FROM S3Object", csv).count("\\n") == 50_000
s3.put_object(Bucket="sel", Key="u.csv.gz", Body=gzip.compress(rows.encode()))
packed = {**csv, "CompressionType": "GZIP"}
assert select("u.csv.gz", "SELECT MAX(CAST(age AS INT)) FROM S3Object", packed,
    RequestProgress={"Enabled": True}) == "89\\n"
lines = "\\n".join(json.dumps({"id": i, "deep": {"tags": ["a", i]}}) for i in range(100))
s3.put_object(Bucket="sel", Key="l.json", Body=lines.encode())
out = select("l.json", "SELECT s.id, s.deep.tags[1] AS t FROM S3Object s WHERE s.id > 97",
    {"JSON": {"Type": "LINES"}}, {"JSON": {}})
assert [json.loads(l) for l in out.splitlines()] == [{"id": 98, "t": 98}, {"id": 99, "t": 99}], out
s3.put_object(Bucket="sel", Key="d.json", Body=json.dumps({"rows": [{"a": 1}, {"a": 2}]}).encode())
out = select("d.json", "SELECT SUM(r.a) FROM S3Object[*].rows[*] r", {"JSON": {"Type": "DOCUMENT"}})
assert out == "3\\n", out
`));

test("scan ranges cover every record once; what cannot be is refused", () =>
  python(`
rows = "n\\n" + "".join(f"{i}\\n" for i in range(1000))
s3.put_object(Bucket="sel", Key="n.csv", Body=rows.encode())
for step in (1, 7, 100, 1013, 5000):
    found = []
    for start in range(0, len(rows), step):
        if step < 100 and start > 40 * step: break
        part = {"Start": start, "End": min(start + step, len(rows)) - 1}
        found += select("n.csv", "SELECT n FROM S3Object", csv, ScanRange=part).split()
    expected = [str(i) for i in range(1000)]
    if step < 100: expected = expected[:len(found)]
    assert found == expected, (step, found[:20])
tail = select("n.csv", "SELECT n FROM S3Object", csv, ScanRange={"End": 8})
assert tail.split() == ["998", "999"], tail
refused("ParseUnexpectedToken", lambda: select("n.csv", "SELEKT 1", csv))
refused("NotImplemented", lambda: select("n.csv", "SELECT * FROM S3Object", {"Parquet": {}}))
bzip = {**csv, "CompressionType": "BZIP2"}
refused("NotImplemented", lambda: select("n.csv", "SELECT * FROM S3Object", bzip))
refused("NoSuchKey", lambda: select("none", "SELECT * FROM S3Object", csv))
from botocore.exceptions import EventStreamError
try:
    select("n.csv", "SELECT CAST(n AS BOOL) FROM S3Object", csv)
    assert False
except EventStreamError as e: assert "CastFailed" in str(e), e
`));
