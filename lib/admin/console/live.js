// The live feed: puts what happens on top of every list that asks for it. All it writes is text, never markup.
const lists = [...document.querySelectorAll("[data-live]")];
const first = lists[0];

/** "14:03:22", in the reader's own time. */
const timeOf = (moment) => new Date(moment).toLocaleTimeString([], { hour12: false });

const doors = {
  s3: "S3",
  ftp: "FTP",
  sftp: "SFTP",
  smb: "SMB",
  admin: "the console or API",
  house: "the command line",
};

function row(list, change) {
  const what =
    change.bucket && change.bucket !== change.subject ? `${change.bucket}/${change.subject}` : change.subject;
  const item = list.querySelector("template").content.firstElementChild.cloneNode(true);
  const fill = {
    time: timeOf(change.at),
    kind: change.kind.replace(".", " "),
    what,
    by: change.by,
    door: doors[change.door] ?? change.door,
  };
  for (const [name, text] of Object.entries(fill)) {
    const place = item.querySelector(`[data-is=${name}]`);
    if (place) place.textContent = text;
  }
  item.classList.add("new");
  return item;
}

for (const time of document.querySelectorAll("time[datetime]"))
  if (time.dataset.clock !== undefined) time.textContent = timeOf(time.dateTime);

if (first) {
  const source = new EventSource(`/console/live?after=${first.dataset.live}`);
  source.addEventListener("change", (event) => {
    const change = JSON.parse(event.data);
    for (const list of lists) {
      list.querySelector(".none")?.remove();
      list.prepend(row(list, change));
      const rows = list.querySelectorAll(".entry");
      for (const old of [...rows].slice(Number(list.dataset.most))) old.remove();
    }
  });
  const mark = document.querySelector("[data-live-mark]");
  source.addEventListener("open", () => mark?.classList.remove("off"));
  source.addEventListener("error", () => mark?.classList.add("off"));
}
