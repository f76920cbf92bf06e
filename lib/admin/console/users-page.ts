import { ok, type Result } from "../../base/result.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { pager, table, th, when } from "./parts.ts";
import type { PageOf } from "../panel.ts";
import type { UserView } from "../users-panel.ts";

/** Who may sign in, and a form for one more. */
export const usersPage: ConsolePage = {
  path: "/console/users",
  nav: "users",
  async render({ api, query }: Visit) {
    const cursor = query.get("cursor");
    const page = await api.ask<PageOf<UserView>>(
      "GET",
      `/users?limit=100${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    if (!page.ok) return page;
    const headings = [th("Name"), th("Role"), th("Groups"), th("Home"), th("Expires"), th("Since")];
    const body = html`${addForm}
      <section class="sheet">
        ${table(headings, page.value.rows.map(userRow), "No users yet.")}
        ${pager("/console/users", page.value.next)}
      </section>`;
    return ok({
      title: "Users",
      lead: "One name for every door: S3 keys, FTP and SMB passwords, this console.",
      body,
    });
  },
  actions: { add: addUser },
};

const addForm = html`<details class="add">
  <summary class="button first">New user</summary>
  <form class="sheet pad" method="post" autocomplete="off">
    <div class="fields">
      <label>Name<input name="name" required maxlength="64" placeholder="mia" /></label>
      <label>Password<input name="password" type="password" required autocomplete="new-password" /></label>
      <label
        >Role<select name="role">
          <option value="user">user</option>
          <option value="admin">administrator</option>
        </select></label
      >
      <label>Groups<input name="groups" placeholder="staff, design" /></label>
      <label>Home<input name="home" placeholder="bucket/folder; none" /></label>
    </div>
    <div class="row foot"><button class="first" name="do" value="add">Add the user</button></div>
  </form>
</details>`;

export const stateOf = ({ disabled, role }: UserView): Markup =>
  disabled
    ? html`<span class="tag coral">disabled</span>`
    : html`<span class="tag${role === "admin" ? " kelp" : ""}"
        >${role === "admin" ? "administrator" : "user"}</span
      >`;

export const homeText = (home: UserView["home"]): string =>
  home === null ? "" : `${home.bucket}/${home.prefix}`;

/** "bucket/folder" as the API wants it; nothing is null. */
export function homeOf(text: string): UserView["home"] {
  const [bucket = "", ...rest] = text.trim().replace(/^\/+/, "").split("/");
  if (bucket === "") return null;
  const prefix = rest.filter((part) => part !== "").join("/");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

export const groupsOf = (text: string): string[] => text.split(/[\s,]+/).filter((group) => group !== "");

function userRow(user: UserView): Markup {
  const { name, groups, home, expiresAt, createdAt } = user;
  return html`<tr>
    <td class="name"><a href="/console/users/${encodeURIComponent(name)}">${name}</a></td>
    <td>${stateOf(user)}</td>
    <td>${groups.join(", ")}</td>
    <td class="mono">${home === null ? html`<span class="faint">none</span>` : homeText(home)}</td>
    <td>${when(expiresAt)}</td>
    <td>${when(createdAt)}</td>
  </tr>`;
}

async function addUser({ api, form }: Visit): Promise<Result<Next>> {
  const added = await api.ask("POST", "/users", {
    name: form.get("name") ?? "",
    password: form.get("password") ?? "",
    role: form.get("role") ?? "user",
    groups: groupsOf(form.get("groups") ?? ""),
    home: homeOf(form.get("home") ?? ""),
  });
  return added.ok ? ok({ to: "/console/users", did: "added" }) : added;
}
