// Asks the browser for a passkey, and sends what it answers as a form. Without scripts these forms stay hidden.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list = []) => list.map((one) => ({ ...one, id: toBytes(one.id) }));

async function optionsFor(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) throw new Error(form.dataset.tooOld);
  const options = await answer.json();
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  return { ...options, allowCredentials: named(options.allowCredentials), excludeCredentials: named(options.excludeCredentials) };
}

async function ask(form) {
  const publicKey = await optionsFor(form);
  const made = await navigator.credentials[form.dataset.passkey]({ publicKey });
  const { response } = made;
  const fields = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const parts = fields.filter((name) => response[name]).map((name) => [name, toText(response[name])]);
  const answer = { id: made.id, rawId: toText(made.rawId), type: made.type, response: Object.fromEntries(parts), clientExtensionResults: {} };
  form.elements.answer.value = JSON.stringify(answer);
  form.submit();
}

function inWords(fault, said) {
  if (fault.name === "NotAllowedError") return said.notUsed;
  if (fault.name === "InvalidStateError") return said.hereAlready;
  return fault.message;
}

for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  const problem = form.querySelector("[data-passkey-problem]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      await ask(form);
    } catch (fault) {
      problem.textContent = inWords(fault, form.dataset);
      problem.hidden = false;
    }
  });
}
