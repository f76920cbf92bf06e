import { describe, expect, test } from "bun:test";
import { assert, json, property, string } from "fast-check";
import { isPublic, judgePolicy, readPolicy, type PolicyAsk } from "./policy.ts";
import { like } from "./policy-pattern.ts";

const alice = "arn:aws:iam::main:user/alice";

function judge(
  statements: unknown,
  more: Partial<Omit<PolicyAsk, "value">> & { keys?: Record<string, string[]> } = {},
) {
  const policy = readPolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "bkt");
  if (!policy.ok) return policy.fault.what;
  const { keys = {}, ...rest } = more;
  const ask = { principal: [alice], action: "s3:GetObject", resource: "arn:aws:s3:::bkt/a/b", ...rest };
  return judgePolicy(policy.value, { ...ask, value: (key) => keys[key] });
}

const allow = (more: object = {}) => ({
  Effect: "Allow",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: "arn:aws:s3:::bkt/*",
  ...more,
});

describe("who, what and where", () => {
  const cases: readonly [string, object, string][] = [
    ["everyone", {}, "allow"],
    ["everyone, the long way", { Principal: { AWS: "*" } }, "allow"],
    ["the caller by ARN", { Principal: { AWS: [alice] } }, "allow"],
    ["somebody else", { Principal: { AWS: "arn:aws:iam::main:user/bob" } }, "silent"],
    ["a longer name", { Principal: { AWS: `${alice}x` } }, "silent"],
    ["another action", { Action: "s3:PutObject" }, "silent"],
    ["an action by pattern", { Action: ["s3:Put*", "s3:Get*"] }, "allow"],
    ["an action in another case", { Action: "s3:getobject" }, "allow"],
    ["every action but one", { Action: undefined, NotAction: "s3:GetObject" }, "silent"],
    ["another prefix", { Resource: "arn:aws:s3:::bkt/b/*" }, "silent"],
    ["the bucket is not its objects", { Resource: "arn:aws:s3:::bkt" }, "silent"],
    ["every resource but one", { Resource: undefined, NotResource: "arn:aws:s3:::bkt/a/*" }, "silent"],
    ["the caller's own folder", { Resource: "arn:aws:s3:::bkt/${aws:username}/*" }, "silent"],
  ];
  for (const [what, more, verdict] of cases) test(what, () => expect(judge([allow(more)])).toBe(verdict));

  test("a variable is the caller's", () => {
    const own = allow({ Resource: "arn:aws:s3:::bkt/${aws:username}/*" });
    const ask = { resource: "arn:aws:s3:::bkt/alice/x", keys: { "aws:username": ["alice"] } };
    expect(judge([own], ask)).toBe("allow");
  });

  test("a denial beats every permission, in any order", () => {
    const deny = { ...allow(), Effect: "Deny", Principal: { AWS: alice } };
    expect(judge([allow(), deny])).toBe("deny");
    expect(judge([deny, allow()])).toBe("deny");
    expect(judge([allow(), deny], { principal: [] })).toBe("allow");
    const others = {
      Effect: "Deny",
      NotPrincipal: { AWS: alice },
      Action: "s3:*",
      Resource: "arn:aws:s3:::bkt/*",
    };
    expect(judge([allow(), others])).toBe("allow");
    expect(judge([allow(), others], { principal: [] })).toBe("deny");
  });
});

describe("conditions", () => {
  const keys = {
    "aws:sourceip": ["192.0.2.7"],
    "s3:prefix": ["home/alice"],
    "s3:max-keys": ["10"],
    "aws:currenttime": ["2026-06-01T00:00:00Z"],
    "aws:securetransport": ["false"],
    "s3:requestobjecttagkeys": ["a", "b"],
  };
  const cases: readonly [string, Record<string, unknown>, boolean][] = [
    ["StringEquals", { "s3:prefix": "home/alice" }, true],
    ["StringEquals", { "s3:prefix": ["x", "home/alice"] }, true],
    ["StringEquals", { "s3:prefix": "HOME/alice" }, false],
    ["StringEqualsIgnoreCase", { "s3:prefix": "HOME/alice" }, true],
    ["StringNotEquals", { "s3:prefix": ["x", "home/alice"] }, false],
    ["StringNotEquals", { "s3:delimiter": "/" }, true],
    ["StringEquals", { "s3:delimiter": "/" }, false],
    ["StringEqualsIfExists", { "s3:delimiter": "/" }, true],
    ["StringLike", { "s3:prefix": "home/*" }, true],
    ["StringNotLike", { "s3:prefix": "home/*" }, false],
    ["NumericLessThanEquals", { "s3:max-keys": 10 }, true],
    ["NumericLessThan", { "s3:max-keys": "10" }, false],
    ["NumericGreaterThan", { "s3:max-keys": "9.5" }, true],
    ["DateGreaterThan", { "aws:CurrentTime": "2026-01-01T00:00:00Z" }, true],
    ["DateLessThan", { "aws:CurrentTime": "2026-01-01T00:00:00Z" }, false],
    ["Bool", { "aws:SecureTransport": "false" }, true],
    ["Bool", { "aws:SecureTransport": true }, false],
    ["IpAddress", { "aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"] }, true],
    ["IpAddress", { "aws:SourceIp": "2001:db8::/32" }, false],
    ["NotIpAddress", { "aws:SourceIp": "192.0.2.0/24" }, false],
    ["Null", { "s3:delimiter": "true" }, true],
    ["Null", { "s3:prefix": "true" }, false],
    ["ForAllValues:StringEquals", { "s3:RequestObjectTagKeys": ["a", "b", "c"] }, true],
    ["ForAllValues:StringEquals", { "s3:RequestObjectTagKeys": ["a"] }, false],
    ["ForAnyValue:StringEquals", { "s3:RequestObjectTagKeys": ["b"] }, true],
    ["ForAnyValue:StringEquals", { "s3:ExistingObjectTag/x": ["b"] }, false],
    ["ForAllValues:StringEquals", { "s3:ExistingObjectTag/x": ["b"] }, true],
  ];
  for (const [operator, pairs, fits] of cases) {
    test(`${operator} ${JSON.stringify(pairs)} is ${fits}`, () => {
      expect(judge([allow({ Condition: { [operator]: pairs } })], { keys })).toBe(fits ? "allow" : "silent");
    });
  }

  test("all of several must hold", () => {
    const both = { StringLike: { "s3:prefix": "home/*" }, Bool: { "aws:SecureTransport": "true" } };
    expect(judge([allow({ Condition: both })], { keys })).toBe("silent");
  });
});

describe("a policy is refused with", () => {
  const cases: Record<string, object> = {
    "an unknown operator": { Condition: { StringSortOf: { "s3:prefix": "x" } } },
    "an unknown key": { Condition: { StringEquals: { "aws:SourceVpc": "x" } } },
    "a value that is no network": { Condition: { IpAddress: { "aws:SourceIp": "here" } } },
    "a number that is none": { Condition: { NumericEquals: { "s3:max-keys": "ten" } } },
    "another service's action": { Action: "iam:PassRole" },
    "another bucket's resource": { Resource: "arn:aws:s3:::other/*" },
    "an unknown element": { Obligation: "x" },
    "both Action and NotAction": { NotAction: "s3:PutObject" },
    "no principal": { Principal: undefined },
    "a principal that is none": { Principal: { Service: "lambda.amazonaws.com" } },
    "an effect that is none": { Effect: "Perhaps" },
  };
  for (const [what, more] of Object.entries(cases)) {
    test(what, () => expect(judge([allow(more)])).not.toMatch(/^(?:allow|deny|silent)$/));
  }

  test("garbage, whatever it is", () => {
    assert(
      property(json(), (text) => {
        readPolicy(text, "bkt");
        readPolicy(`{"Statement":${text}}`, "bkt");
        readPolicy(JSON.stringify({ Statement: [allow({ Condition: JSON.parse(text) as unknown })] }), "bkt");
      }),
    );
  });
});

test("public is what lets just anybody in", () => {
  const policy = (more: object): boolean => {
    const read = readPolicy(JSON.stringify({ Statement: [allow(more)] }), "bkt");
    return read.ok && isPublic(read.value);
  };
  expect(policy({})).toBe(true);
  expect(policy({ Principal: { AWS: alice } })).toBe(false);
  expect(policy({ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } })).toBe(false);
  expect(policy({ Condition: { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } } })).toBe(true);
  expect(policy({ Condition: { StringEquals: { "s3:prefix": "a" } } })).toBe(true);
  expect(policy({ Effect: "Deny" })).toBe(false);
});

test("patterns fit as a simple search says, and hostile ones take no time", () => {
  const simple = (pattern: string, text: string): boolean =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
      "s",
    ).test(text);
  const few = string({ unit: "binary-ascii", maxLength: 6 });
  assert(property(few, few, (pattern, text) => like(pattern, text) === simple(pattern, text)));
  const started = performance.now();
  expect(like(`${"*a".repeat(50)}b`, "a".repeat(2000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(15_000);
});
