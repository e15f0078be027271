// Keeps the board live: swaps the parts that changed, ticks the durations, sounds until somebody acknowledges.
"use strict";

const board = document.getElementById("board");
const plainTitle = document.title;
// With a tick each second it says so within five; the stream says something each second.
const LOST_AFTER_MS = 3500;
const BEEP_EVERY_MS = 5000;

let lastHeard = Date.now();
// The clock of an old PC is often wrong; durations follow the server's.
let clockIsOffBy = Date.parse(board.dataset.now) - Date.now();
let alarms = JSON.parse(board.dataset.alarms);
// In the language of the page.
const words = JSON.parse(board.dataset.words);
let sound = null;

function since(moment) {
  return Date.now() + clockIsOffBy - Date.parse(moment);
}

function say(message, facts) {
  return message.replace(/%\((\w+)\)s/g, (_, name) => facts[name]);
}

function long(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (number) => String(number).padStart(2, "0");
  if (hours) return say(words.hours, { hours, minutes: two(minutes % 60) });
  return minutes ? say(words.minutes, { minutes, seconds: two(seconds % 60) }) : say(words.seconds, { seconds });
}

function left(until) {
  return since(until) < 0
    ? say(words.left, { long: long(-since(until)) })
    : say(words.overFor, { long: long(since(until)) });
}

// In the zone of the prison, which an old PC may not be in.
function clock(moment, more) {
  const shown = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: board.dataset.zone, ...more };
  return new Date(moment).toLocaleTimeString("en-GB", shown);
}

function tick() {
  for (const time of board.querySelectorAll("time[data-since]")) time.textContent = long(since(time.dateTime));
  for (const time of board.querySelectorAll("time[data-until]")) time.textContent = left(time.dateTime);
  const onWall = document.getElementById("clock");
  if (onWall) onWall.textContent = clock(Date.now() + clockIsOffBy);
  document.getElementById("lost").hidden = Date.now() - lastHeard < LOST_AFTER_MS;
}

// A part may change under somebody's hands: what they chose, and where they are, stays.
function swap(part, html) {
  const focused = document.activeElement && document.activeElement.id;
  const chosen = [...part.querySelectorAll("select")].map((field) => [field.id, field.value]);
  part.innerHTML = html;
  for (const [id, value] of chosen) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  if (focused && document.activeElement === document.body) {
    (document.getElementById(focused) || document.getElementById("main")).focus({ preventScroll: true });
  }
}

function show(change) {
  for (const [name, html] of Object.entries(change.parts)) swap(document.getElementById(name), html);
  const fresh = Object.keys(change.alarms).filter((key) => !(key in alarms));
  alarms = change.alarms;
  document.getElementById("said").textContent = change.sentence;
  showAlarms();
  if (fresh.length) {
    document.getElementById("alarm").textContent = say(words.alarm, {
      where: fresh.map((key) => alarms[key]).join(" "),
    });
    beep();
  }
}

function showAlarms() {
  const count = Object.keys(alarms).length;
  document.title = count ? say(words.title, { count }) : plainTitle;
  // Browsers keep a page silent until somebody touches it.
  const silent = document.getElementById("silent");
  if (silent) silent.hidden = !sound || sound.state === "running";
  if (!count) document.getElementById("alarm").textContent = "";
}

function beep() {
  if (!sound || sound.state !== "running" || !Object.keys(alarms).length) return;
  for (const [start, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
    const tone = sound.createOscillator();
    const level = sound.createGain();
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.25, sound.currentTime + start);
    level.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.22);
    tone.connect(level).connect(sound.destination);
    tone.start(sound.currentTime + start);
    tone.stop(sound.currentTime + start + 0.22);
  }
}

function heard(now) {
  lastHeard = Date.now();
  clockIsOffBy = Date.parse(now) - lastHeard;
  document.getElementById("lost-at").textContent = clock(now, { second: "2-digit" });
  tick();
}

function listen() {
  const stream = new EventSource(board.dataset.live);
  stream.addEventListener("same", (event) => heard(event.data));
  stream.addEventListener("change", (event) => {
    const change = JSON.parse(event.data);
    show(change);
    heard(change.now);
  });
  // A stream that the server refused stays closed: signed out, or the line is starting again.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(comeBack, 2000);
  });
}

async function comeBack() {
  const answer = await fetch("/healthz").catch(() => null);
  if (answer && answer.ok) location.reload();
  else setTimeout(comeBack, 2000);
}

async function makeSound() {
  await sound.resume();
  showAlarms();
}

sound = new AudioContext();
sound.addEventListener("statechange", showAlarms);
for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, makeSound, { once: true });
document.getElementById("sound")?.addEventListener("click", makeSound);
document.getElementById("complaint")?.focus();
heard(board.dataset.now);
showAlarms();
beep();
setInterval(tick, 1000);
// Browsers slow down a page that nobody sees: what it says must be right when they look again.
document.addEventListener("visibilitychange", tick);
setInterval(beep, BEEP_EVERY_MS);
listen();
