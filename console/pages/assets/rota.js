// A name can be dragged onto an empty seat, or onto another name to swap the two. What it sends is the form that the
// page "Move or swap" has a button for: the same rules decide, and without this script nothing is missing but the mouse.
const form = document.getElementById("drag");
const OVER = "drop--over";
let carried = "";

const field = (name) => form.elements.namedItem(name);
const canTake = (target) => carried && target.dataset.shift !== carried;

for (const seat of document.querySelectorAll("[data-shift]")) {
  seat.draggable = true;
  seat.addEventListener("dragstart", (event) => {
    carried = seat.dataset.shift;
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.effectAllowed = "move";
    document.body.classList.add("dragging");
  });
  seat.addEventListener("dragend", () => {
    carried = "";
    document.body.classList.remove("dragging");
  });
}

for (const target of document.querySelectorAll("[data-to]")) {
  target.addEventListener("dragover", (event) => {
    if (!canTake(target)) return;
    event.preventDefault();
    target.classList.add(OVER);
  });
  target.addEventListener("dragleave", () => target.classList.remove(OVER));
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    target.classList.remove(OVER);
    if (!canTake(target)) return;
    field("shift").value = carried;
    field("to").value = target.dataset.to;
    form.submit();
  });
}

for (const hint of document.querySelectorAll("span[data-needs-script]")) hint.hidden = false;
