// Light or dark, before anything is drawn; the choice stays in this browser.
(() => {
  const root = document.documentElement;
  const kept = localStorage.getItem("masquerade-theme");
  if (kept) root.dataset.theme = kept;
  const show = () => {
    const now = root.dataset.theme || "auto";
    for (const one of document.querySelectorAll("[data-set-theme]"))
      one.setAttribute("aria-pressed", String(one.dataset.setTheme === now));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    const wanted = button.dataset.setTheme;
    if (wanted === "auto") {
      localStorage.removeItem("masquerade-theme");
      delete root.dataset.theme;
    } else {
      localStorage.setItem("masquerade-theme", wanted);
      root.dataset.theme = wanted;
    }
    show();
  });
  // Before and after: the handle follows the slider; two films run as one.
  document.addEventListener("input", (event) => {
    const box = event.target.closest(".compare");
    if (box) box.style.setProperty("--at", event.target.value + "%");
  });
  for (const name of ["play", "pause", "seeked", "ratechange"])
    document.addEventListener(name, (event) => {
      const box = event.target.closest && event.target.closest(".films");
      if (!box || !event.target.matches("video.leads")) return;
      const after = box.querySelector("video.follows");
      after.currentTime = event.target.currentTime;
      if (name === "play") after.play(); else if (name === "pause") after.pause();
    }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-plays]");
    if (!button) return;
    const film = button.closest(".films").querySelector("video.leads");
    if (film.paused) film.play(); else film.pause();
    button.textContent = film.paused ? "Play both" : "Pause";
  });
  // A slider says its figure with its unit, to those who hear it too.
  document.addEventListener("input", (event) => {
    const { unit } = event.target.dataset || {};
    if (event.target.type !== "range" || unit === undefined) return;
    const share = unit.startsWith("%"), value = Number(event.target.value) * (share ? 100 : 1);
    event.target.setAttribute("aria-valuetext", `${Number(value.toFixed(2))} ${unit}`.trim());
  });
  // What is wrong with a field: said to be, and gone to, once the page has drawn it.
  const wrongs = () => [...document.querySelectorAll(".wrong")].map((one) => {
    const field = document.querySelector(`[aria-describedby~="${one.id}"]`);
    const seen = !one.classList.contains("hidden") && one.textContent.trim() !== "";
    if (field && field.getAttribute("role") !== "group")
      field.setAttribute("aria-invalid", String(seen));
    return seen && field;
  }).filter(Boolean);
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  window.masqueradeWrong = () => setTimeout(() => {
    const [first] = wrongs();
    if (!first) return;
    for (let one = first.closest("details"); one; one = one.parentElement.closest("details"))
      one.open = true;
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center", behavior: calm() });
  }, 150);
  window.masqueradeShow = (id) => setTimeout(() => {
    const one = document.getElementById(id);
    if (one) one.scrollIntoView({ block: "nearest", behavior: calm() });
  }, 150);
  // Choices by arrow keys, as radio buttons have them.
  const turns = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    const group = event.target.closest && event.target.closest("[role=radiogroup]");
    if (!group || !turns[event.key] || event.target.getAttribute("role") !== "radio") return;
    const all = [...group.querySelectorAll("[role=radio]")];
    const next = all[(all.indexOf(event.target) + turns[event.key] + all.length) % all.length];
    event.preventDefault();
    next.focus();
    next.click();
  });
  // Files that were chosen or dropped, sent one after another; the page is told what came of each.
  const tell = (field, name, detail) => field.dispatchEvent(new CustomEvent(name, { detail }));
  const refusal = (asked) => {
    try {
      return JSON.parse(asked.responseText).error;
    } catch {
      return { found: asked.responseText.slice(0, 300) || "The connection was lost",
        todo: "try it again; load the page anew where that does not help" };
    }
  };
  const send = (field, file) => new Promise((done) => {
    const bar = field.querySelector(".sending"), meter = bar.querySelector(".meter");
    const asked = new XMLHttpRequest(), stop = bar.querySelector("button");
    bar.querySelector("span").textContent = `Sending ${file.name}`;
    const show = (share) => {
      meter.setAttribute("aria-valuenow", Math.round(100 * share));
      meter.firstChild.style.width = `${100 * share}%`;
    };
    show(0);
    bar.hidden = false;
    stop.onclick = () => asked.abort();
    asked.upload.onprogress = (event) => show(event.loaded / Math.max(1, event.total));
    asked.onload = () => {
      if (asked.status === 201) tell(field, "kept", JSON.parse(asked.responseText).id);
      else tell(field, "refused", { name: file.name, ...refusal(asked) });
    };
    asked.onerror = () => tell(field, "refused", { name: file.name, ...refusal(asked) });
    asked.onloadend = () => { bar.hidden = true; done(asked.status === 201); };
    asked.open("POST", `/shelf?name=${encodeURIComponent(file.name)}`);
    asked.send(file);
  });
  window.masqueradeSend = async (field, files, folder) => {
    const kinds = field.dataset.kinds ? field.dataset.kinds.split(",") : [];
    for (const file of [...files]) {
      const name = file.name.toLowerCase();
      const why = kinds.length && !kinds.some((one) => name.endsWith(one)) ? "kind"
        : file.size > Number(field.dataset.most) ? "size" : "";
      if (why === "kind" && folder) continue; // notes and the like beside what is asked for
      if (why) tell(field, "refused", { name: file.name, why });
      else if (!await send(field, file)) return;
    }
  };
  // A recording by the microphone, handed over like a file that was chosen.
  const kinds = [["audio/webm;codecs=opus", "webm"], ["audio/mp4", "m4a"], ["audio/ogg", "ogg"]];
  window.masqueradeRecord = async (button, said, give) => {
    const words = button.querySelector("span");
    if (button.recorder) return button.recorder.stop();
    if (!navigator.mediaDevices || !window.MediaRecorder) {
      said.textContent = "This browser lends its microphone to pages over HTTPS, and to those of"
        + " this computer, only. Drop a recording instead.";
      return;
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: {
        echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    } catch {
      said.textContent = "The microphone was not allowed, or there is none. Allow it in the"
        + " browser's address line, or drop a recording.";
      return;
    }
    const [type, ending] = kinds.find(([one]) => MediaRecorder.isTypeSupported(one)) || ["", "webm"];
    const parts = [], began = performance.now();
    const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
    recorder.ondataavailable = (event) => parts.push(event.data);
    const tick = setInterval(() => {
      words.textContent = `Stop recording (${Math.floor((performance.now() - began) / 1000)} s)`;
    }, 250);
    recorder.onstop = () => {
      clearInterval(tick);
      for (const track of stream.getTracks()) track.stop();
      button.recorder = null;
      button.setAttribute("aria-pressed", "false");
      words.textContent = "Record it again";
      said.textContent = "The recording was handed over.";
      give(new File(parts, `statement.${ending}`, { type: recorder.mimeType.split(";")[0] }));
    };
    recorder.start();
    button.recorder = recorder;
    button.setAttribute("aria-pressed", "true");
    words.textContent = "Stop recording (0 s)";
    said.textContent = "Recording. Read the statement aloud, then stop.";
  };
  new MutationObserver(() => { show(); wrongs(); }).observe(root, { childList: true, subtree: true });
})();
