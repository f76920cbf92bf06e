import { idMaker } from "../../base/ids.ts";
import { Passwords } from "../../crypto/password.ts";
import type { Identities } from "../identities.ts";
import { IdentityCache } from "./cache.ts";
import { addGrant, grantsOf, removeGrant } from "./grants.ts";
import { addCode, checkCode, needsCode, removeCode, UsedCodes } from "./codes.ts";
import { keyTable } from "./key-table.ts";
import { addKey, keyOwner, removeKey, toKey } from "./keys.ts";
import { changedIn, type IdentitiesNeeds, type Room } from "./room.ts";
import { addToken, removeToken, tokenOwner, toToken } from "./tokens.ts";
import { userTable } from "./user-table.ts";
import {
  addUser,
  changeUser,
  checkPassword,
  ntHashOf,
  removeUser,
  userById,
  userNamed,
  userPage,
} from "./users.ts";

/** Identities over the SQLite catalog. Jobs of the writer use its connection, all else the reader's. */
export function sqliteIdentities(needs: IdentitiesNeeds): Identities {
  const { read, write, clock, entropy } = needs;
  const room: Room = {
    ...needs,
    passwords: new Passwords(),
    cache: new IdentityCache(read, clock),
    newId: idMaker(() => clock.wall(), entropy),
    changed: changedIn(write),
  };
  const usedCodes = new UsedCodes();
  const [users, wUsers] = [userTable(read), userTable(write)];
  const [keys, wKeys] = [keyTable(read), keyTable(write)];
  return {
    tenants: async () => users.tenants(),

    addUser: (by, user) => addUser(room, wUsers, by, user),
    user: async (id) => userById(room, users, id),
    userNamed: async (tenant, name) => userNamed(users, tenant, name),
    users: async (tenant, after, limit) => userPage(users, tenant, after, limit),
    changeUser: (by, id, change) => changeUser(room, wUsers, by, id, change),
    removeUser: (by, id) => removeUser(room, wUsers, by, id),
    checkPassword: (tenant, name, password) => checkPassword(room, users, tenant, name, password),
    needsCode: async (user) => needsCode(users, user),
    checkCode: async (user, code) => checkCode(room, users, usedCodes, user, code),
    addCode: (by, user) => addCode(room, wUsers, by, user),
    removeCode: (by, user) => removeCode(room, wUsers, by, user),
    ntHash: async (tenant, name) => ntHashOf(room, users, tenant, name),

    addKey: (by, user, expiresAt, pair) => addKey(room, wUsers, wKeys, by, user, expiresAt, pair),
    keyOwner: async (id) => keyOwner(room, users, keys, id),
    keys: async (user) => keys.keys(user).map(toKey),
    removeKey: (by, id) => removeKey(room, wUsers, wKeys, by, id),

    addToken: (by, user, label, expiresAt) => addToken(room, wUsers, wKeys, by, user, label, expiresAt),
    tokenOwner: async (text) => tokenOwner(room, users, keys, text),
    tokens: async (user) => keys.tokens(user).map(toToken),
    removeToken: (by, id) => removeToken(room, wUsers, wKeys, by, id),

    grants: async (tenant) => grantsOf(room, keys, tenant),
    addGrant: (by, grant) => addGrant(room, wUsers, wKeys, by, grant),
    removeGrant: (by, id) => removeGrant(room, wKeys, by, id),
  };
}
