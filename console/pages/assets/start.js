// Makes the GOV.UK components work that need a script; without it each of them is still usable.
import { initAll } from "./vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
