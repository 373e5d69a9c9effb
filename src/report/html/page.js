"use strict";
// Everything that is shown comes out of the data block as text nodes: nothing of it is ever parsed
// as HTML, and the page's policy (require-trusted-types-for) would not let it.
(() => {
  const CHUNK = 150; // rows that are drawn at once; the rest follows while the page can be used
  const OUTCOME_SIGNS = { through: "✓", policy: "⊘", unknown: "?", fault: "✕", none: "–" };
  const UNFINISHED = { alarm: "none", sign: "…", urgent: 0.5 }; // no state yet: just before the healthy ones
  const SEVERITY_SIGNS = { error: "✕", warning: "!", info: "i" };
  const HAS_SIZE = 1, HAS_TEXT = 2, IS_END = 4, IS_GOAL = 8, IS_MANY = 16;

  // ------------------------------------------------------------------------------------ data

  const report = { run: null, end: null, hosts: [], byLabel: new Map(), across: [], damaged: 0 };
  const shared = [];

  // How an answer counts here; that of a TLS version is told with the host.
  const RATINGS = { through: "through", withheld: "through", policy: "policy", "tls-version": "tls-version",
    unknown: "unknown", skipped: "none" };
  const ratingOf = (answer) => RATINGS[answer] || "fault";

  // A record put together again of what it shares with others (html_writer.h).
  function whole(value) {
    if (Array.isArray(value)) return typeof value[0] === "object" ? value.map(whole) : value;
    if (value === null || typeof value !== "object") return value;
    const object = {};
    for (const key of Object.keys(value)) {
      if (key !== "=") object[key] = whole(value[key]);
      else for (const part of value[key]) Object.assign(object, typeof part === "number" ? shared[part] : whole(part));
    }
    return object;
  }

  // The vantage points of a run that was merged; none of them is told where there is just one.
  let places = [];

  function hostOf({ target, vantage }) {
    const label = vantage !== undefined && places.length > 1 ? target + " from " + vantage : target;
    let host = report.byLabel.get(label);
    if (!host) {
      host = { label, target, vantage, name: hostPart(target), state: "unfinished", attempts: [], findings: [] };
      report.byLabel.set(label, host);
      report.hosts.push(host);
    }
    return host;
  }

  // "srv1:3389" is host srv1, "[::1]:3389" is ::1
  function hostPart(label) {
    const name = label.slice(0, label.lastIndexOf(":"));
    return name.startsWith("[") ? name.slice(1, -1) : name;
  }

  function take(line) {
    if ("d" in line) {
      shared[line.d] = whole(line.v);
      return;
    }
    const record = whole(line);
    if (record.record === "attempt") {
      hostOf(record).attempts.push(record);
    } else if (record.record === "host") {
      const { state, tls_version, server, findings, spreads, footprint } = record;
      Object.assign(hostOf(record), { state, tls_version, server, findings, spreads, footprint });
    } else if (record.record === "across") {
      report.across.push(record);
    } else {
      report[record.record] = record; // run, end
      if (record.merged) places = [...new Set(record.merged.map((each) => each.vantage))];
    }
  }

  function read() {
    for (const line of document.getElementById("data").textContent.split("\n")) {
      if (!line) continue;
      try {
        take(JSON.parse(line));
      } catch (error) {
        report.damaged++; // the last line of a file that was cut off
      }
    }
    for (const host of report.hosts) host.attempts.sort((a, b) => a.ordinal - b.ordinal);
  }

  // ------------------------------------------------------------------------------------ text

  // Characters that do not show, or that turn the direction of writing around, are spelled out.
  const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  const spell = (c) => "\\u{" + c.codePointAt(0).toString(16) + "}";
  const clean = (text) => String(text).replace(HARMFUL, spell);

  // Texts that hosts share have stand-ins for the target (html_writer.h).
  const fill = (host, text) =>
    String(text).replace(/[\u0001\u0002]/g, (c) => (c === "\u0001" ? host.target : host.name));

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (typeof value === "function") node.addEventListener(name, value);
      else node.setAttribute(name, value === true ? "" : clean(value));
    }
    put(node, children);
    return node;
  }

  function put(node, children) {
    for (const child of children.flat(3)) {
      if (child === undefined || child === null || child === false || child === "") continue;
      node.append(child instanceof Node ? child : clean(child));
    }
    return node;
  }

  const unseen = (text) => el("span", { class: "unseen" }, text);
  const sign = (text) => el("span", { class: "sign", "aria-hidden": "true" }, text);
  const plural = (n, word) => number(n) + " " + word + (n === 1 ? "" : "s");
  const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u2009");
  const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  function duration(us) {
    if (us === undefined) return "–";
    if (us < 1000) return us + " µs";
    // half of a digit goes up, as in why_duration_text()
    if (us < 999950) return (Math.floor((us + 50) / 100) / 10).toFixed(1) + " ms";
    return (Math.floor((us + 5000) / 10000) / 100).toFixed(2) + " s";
  }

  const moment = (time) => (time ? time.slice(0, 19).replace("T", " ") + " UTC" : "");
  const day = (time) => (time ? time.slice(0, 10) : "?");

  function stepName(attempt) {
    return attempt.profile + (attempt.license_mode === "fresh" ? "" : " " + attempt.license_mode) +
      (attempt.repeat ? " #" + (attempt.repeat + 1) : "");
  }

  // "tls, nla admin ×3"
  function stepNames(attempts) {
    const counts = new Map();
    for (const { profile, license_mode } of attempts) {
      const name = stepName({ profile, license_mode });
      counts.set(name, (counts.get(name) || 0) + 1);
    }
    return [...counts].map(([name, n]) => name + (n > 1 ? " ×" + n : "")).join(", ");
  }

  const words = (list) => report.run.words[list] || {};
  const phaseNames = () => Object.keys(words("phases"));
  const offline = () => Boolean(report.run.source); // nothing was probed: of captures or traces
  // Of a capture that cannot all be read: the phase or a later one.
  const phaseTo = (v) => v.phase_range && v.phase_range.to;
  const phaseText = (v) => (v.phase || "") + (phaseTo(v) ? " to " + phaseTo(v) : "");
  const inPhase = (v) => !v.phase ? "" : phaseTo(v) ? "between " + v.phase + " and " + phaseTo(v) : "in " + v.phase;
  const reach = (attempt) => phaseNames().indexOf(attempt.phase);
  // That of a TLS version which failed is told with its host: the host's other attempts decide.
  const rating = ({ target, answer }) => answer === "tls-version"
    ? hostOf(target).tls_version ? ratingOf(hostOf(target).tls_version) : "unknown" : ratingOf(answer);

  const endedWith = (v) => v.outcome === "skipped" ? v.reason || "" : v.words.ended;

  // The attempt that says most: the furthest that went wrong, or of which that is not known.
  function telling(host) {
    const furthest = (kind) => host.attempts.reduce((best, each) =>
      rating(each) === kind && (!best || reach(each) > reach(best)) ? each : best, null);
    return furthest("fault") || furthest("unknown");
  }

  function stateMeaning(host) {
    const tried = host.attempts.filter((each) => each.outcome !== "skipped");
    if (host.state === "unreachable" && tried.length && tried.every((each) => each.phase === "proxy"))
      return "no connection could be made through the proxy";
    if (host.state === "unreachable" && tried.length && tried.every((each) => each.gateway && reach(each) <= reach({ phase: "gateway-channel" }) && each.phase !== "proxy"))
      return "no connection could be made through the RD Gateway";
    return words("states")[host.state] || "";
  }

  function headline(host) {
    const attempt = telling(host);
    if (host.findings.length) return fill(host, host.findings[0].summary);
    if (attempt && host.state !== "healthy")
      return attempt.profile + ": " + fill(host, attempt.reason || attempt.words.ended);
    if (host.state === "unfinished") return "The run ended before this host was finished.";
    return upper(stateMeaning(host)) + ".";
  }

  function mstscText(mstsc) {
    return !mstsc.code ? "unknown" : mstsc.code + (mstsc.extended ? ", extended " + mstsc.extended : "");
  }

  const stateInfo = (state) => report.run.states[state] || UNFINISHED;
  const stateClass = (state) => " state-" + state + " alarm-" + stateInfo(state).alarm;
  const stateBadge = (state) => el("span", { class: "badge" + stateClass(state) }, sign(stateInfo(state).sign), state);

  const outcomeBadge = (attempt) =>
    el("span", { class: "outcome rate-" + rating(attempt) }, sign(OUTCOME_SIGNS[rating(attempt)]),
      attempt.outcome);

  // ------------------------------------------------------------------------- one host: findings

  const listOf = (host, title, items, tag) =>
    items && items.length
      ? el("div", {}, el("h4", {}, title), el(tag, {}, items.map((text) => el("li", {}, fill(host, text)))))
      : null;

  function attemptLinks(host, ordinals) {
    const links = [];
    for (const n of ordinals || []) {
      const attempt = host.attempts.find((each) => each.ordinal === n);
      if (!attempt) continue;
      if (links.length) links.push(", ");
      links.push(el("a", { href: "#attempt-" + n, click: (event) => openAttempt(event, n) }, stepName(attempt)));
    }
    return links;
  }

  function openAttempt(event, n) {
    const details = document.getElementById("attempt-" + n);
    event.preventDefault(); // the fragment is the host's
    details.open = true;
    details.scrollIntoView({ block: "start" });
    details.querySelector("summary").focus({ preventScroll: true });
  }

  function finding(host, one, open) {
    const links = attemptLinks(host, one.attempts);
    return el("details", { class: "finding severity-" + one.severity, open },
      el("summary", {},
        el("span", { class: "badge" }, sign(SEVERITY_SIGNS[one.severity]), one.severity),
        el("h3", {}, fill(host, one.summary)), el("code", { class: "rule" }, one.rule)),
      el("div", { class: "reasons" },
        listOf(host, "Because", one.because, "ul"),
        listOf(host, "Likely causes", one.causes, "ol"),
        listOf(host, "To tell them apart", one.checks, "ul"),
        listOf(host, "Remedies", one.remedies, "ul")),
      links.length ? el("p", { class: "rests" }, "Based on ", links) : null);
  }

  function findings(host) {
    if (!host.findings.length) return null;
    return section("Findings", "findings",
      host.findings.map((one, i) => finding(host, one, one.severity !== "info" || i === 0)));
  }

  function section(title, id, ...children) {
    return el("section", { id, "aria-labelledby": id + "-title" }, el("h2", { id: id + "-title" }, title), children);
  }

  // The answer in five words, for who looks for two seconds.
  function answer(host) {
    const v = telling(host), rows = [];
    if (!v) return null;
    if (v.phase) rows.push(["Where", phaseText(v), phaseTo(v) ? "nothing after that can be read" : words("phases")[v.phase]]);
    rows.push(["How", v.outcome, v.code ? v.words.ended : v.outcome === "stopped" && !v.closed_by ? "no end was seen"
      : words("endings")[v.ending]]);
    if (v.closed_by) rows.push(["Who ended it", v.closed_by, offline() && v.closed_by === "client"
      ? "the client ended it" : words("closers")[v.closed_by]]);
    if (v.mstsc)
      rows.push(["mstsc shows", mstscText(v.mstsc), v.mstsc.basis === "documented"
        ? "documented: the server sent the code" : v.mstsc.code ? "inferred: " + (v.mstsc.rule || "") : "no source documents it"]);
    rows.push(["Seen with", stepNames(alike(host, v)),
      "of " + plural(host.attempts.length, "attempt")]);
    return el("dl", { class: "answer" }, rows.map(([term, value, more]) =>
      el("div", {}, el("dt", {}, term), el("dd", {}, el("b", {}, value), more ? el("span", {}, more) : null))));
  }

  // The likeliest causes of what is wrong, as in the text report.
  function mostLikely(host) {
    const causes = host.findings.length && host.state !== "healthy" ? host.findings[0].causes || [] : [];
    return causes.length ? section("Most likely", "likely",
      el("ul", {}, causes.slice(0, 3).map((text) => el("li", {}, fill(host, text))))) : null;
  }

  // The other findings, a line each; that everything works is what a healthy host's headline says.
  function alsoNoticed(host) {
    const others = host.findings.slice(1).filter((one) => host.state !== "healthy" || one.rule !== "everything-works");
    return others.length ? section("Also noticed", "also", el("ul", { class: "also" }, others.map((one) =>
      el("li", { class: "severity-" + one.severity },
        el("span", { class: "badge" }, sign(SEVERITY_SIGNS[one.severity]), one.severity), " ", fill(host, one.summary))))) : null;
  }

  // The first checks of the first finding, as in the text report.
  function checkNext(host) {
    const checks = host.findings.length ? host.findings[0].checks || [] : [];
    return checks.length ? section("Check next", "next",
      el("ul", {}, checks.slice(0, 2).map((text) => el("li", {}, fill(host, text))))) : null;
  }

  const alike = (host, v) =>
    host.attempts.filter((each) => phaseText(each) === phaseText(v) && each.words.ended === v.words.ended);

  // --------------------------------------------------------------------------- one host: ladder

  // What exists only once its own PDU was seen ([MS-RDPBCGR] 1.3.1.1).
  const OPTIONAL = ["proxy", "gateway-tls", "gateway-http", "gateway-handshake", "gateway-tunnel", "gateway-authorization", "gateway-channel", "kerberos", "credssp", "rdstls", "aad", "security-commencement", "auto-detect", "multitransport"];

  // Whether the attempt may have ended in |phase|, which is later than where that begins.
  function mayHaveEnded(v, phase) {
    const names = phaseNames(), at = names.indexOf(phase);
    return Boolean(phaseTo(v)) && at > names.indexOf(v.phase) && at <= names.indexOf(phaseTo(v));
  }

  const phasesOf = (v) => v.phases || { phase: [], duration_us: [] };

  function ladderCell(v, phase) {
    const names = phaseNames(), at = phasesOf(v).phase.indexOf(phase);
    const took = at < 0 ? null : duration(phasesOf(v).duration_us[at]), maybe = mayHaveEnded(v, phase);
    if (phase === v.phase && v.outcome === "completed")
      return el("td", { class: "goal" }, sign("✓"), "reached");
    if (phase === v.phase)
      return el("td", { class: "broke rate-" + rating(v) }, sign(OUTCOME_SIGNS[rating(v)]),
        v.outcome + (phaseTo(v) ? ", here or later" : ""), took ? el("small", {}, took) : null);
    if (at < 0 && maybe) return el("td", { class: "maybe" }, sign("?"), "or here");
    if (at < 0) return el("td", { class: "not" }, unseen("not reached"));
    if (names.indexOf(phase) > names.indexOf(v.phase))
      return el("td", { class: maybe ? "maybe" : "ahead" }, sign("→"), "sent", unseen(", not confirmed"), el("small", {}, took));
    return el("td", { class: "passed" }, sign("✓"), unseen("passed"), el("small", {}, took));
  }

  function ladder(host) {
    const until = report.run.options.until;
    const attempts = host.attempts.filter((each) => each.outcome !== "skipped");
    const used = phaseNames().filter((phase) => phase === until ||
      attempts.some((each) => phasesOf(each).phase.includes(phase) || each.phase === phase ||
        (mayHaveEnded(each, phase) && !OPTIONAL.includes(phase))));
    if (!attempts.length) return null;
    const head = el("tr", {}, el("th", { scope: "col" }, "Phase"), attempts.map((each) =>
      el("th", { scope: "col", title: words("profiles")[each.profile] },
        el("a", { href: "#attempt-" + each.ordinal, click: (event) => openAttempt(event, each.ordinal) }, stepName(each)))));
    const body = used.map((phase) => el("tr", {},
      el("th", { scope: "row", title: words("phases")[phase] }, phase),
      attempts.map((each) => ladderCell(each, phase))));
    const foot = el("tr", {}, el("th", { scope: "row" }, "total"),
      attempts.map((each) => el("td", {}, el("small", {}, duration(each.duration_us)))));
    const ladder = section("Where each attempt ended", "ladder", scroller("Phases by attempt",
      el("table", { class: "ladder" }, el("caption", { class: "unseen" }, "Phases in protocol order, by attempt"),
        el("thead", {}, head), el("tbody", {}, body), el("tfoot", {}, foot))));
    if (attempts.length > 8) ladder.className = "many"; // they need the width of the page
    return ladder;
  }

  const scroller = (label, child) => el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, child);

  // ------------------------------------------------------------------------- one host: exchange

  function rowsOf(host, attempt) {
    const { events, at: times, size: sizes, text: texts, many } = attempt.exchange;
    let at = 0, s = 0, t = 0, m = 0;
    return events.map(([who, name, phase, flags], i) => {
      at += times[i];
      return { who, name, phase: phaseNames()[phase], flags, at, index: i, count: flags & IS_MANY ? many[m++] : 1,
        size: flags & HAS_SIZE ? sizes[s++] : undefined,
        text: flags & HAS_TEXT ? fill(host, texts[t++]) : "" };
    });
  }

  // The same again and again in one direction is one row, but where the middle was left out.
  function folded(rows, cut) {
    const kept = [];
    for (const row of rows) {
      const last = kept[kept.length - 1];
      if (last && row.index !== cut && row.who && !row.text && !last.text && !(row.flags & IS_END) && last.who === row.who &&
          last.name === row.name && last.phase === row.phase) {
        last.count += row.count;
        if (row.size !== undefined) last.size = (last.size || 0) + row.size;
      } else {
        kept.push(row);
      }
    }
    return kept;
  }

  function message(row, first) {
    const kind = row.who === ">" ? "out" : row.who === "<" ? "in" : "here";
    const spoken = { out: "client to server: ", in: "server to client: ", here: "" }[kind];
    const label = el("span", { class: "label" }, row.flags & IS_END && first ? sign("✕") : null,
      row.flags & IS_GOAL ? sign("■") : null, unseen(spoken), row.name,
      row.count > 1 ? el("span", { class: "times" }, " ×" + row.count) : null,
      row.text ? el("span", { class: "note" }, " " + row.text) : null);
    return el("td", { class: "lane " + kind }, el("div", {}, label,
      kind === "here" ? null : el("span", { class: "arrow", "aria-hidden": "true" })));
  }

  function withCode(row, attempt) {
    const { code, words } = attempt;
    if (code && row.who === "<" && row.flags & IS_END && !row.text)
      row.text = words.code + (code.name ? " " + code.name : "");
    return row;
  }

  function exchange(host, v) {
    const cut = v.cut || [], phases = phasesOf(v);
    const rows = folded(rowsOf(host, v), cut[0]), bodies = [];
    let body = null, phase, ended = false;
    for (const row of rows) {
      const name = row.phase || phaseText(phaseTo(v) ? v : {}) || "before any phase";
      if (row.index === cut[0])
        body.append(el("tr", { class: "cut" }, el("td", {}), el("td", {}, "… " + plural(cut[1], "event") + " left out …"), el("td", {})));
      if (!body || row.phase !== phase) {
        const at = phases.phase.indexOf(row.phase || v.phase);
        phase = row.phase;
        body = el("tbody", {}, el("tr", { class: "phase" }, el("td", {}), el("th", { colspan: 1, scope: "rowgroup" },
          name, at < 0 ? null : el("small", {}, duration(phases.duration_us[at]))), el("td", {})));
        bodies.push(body);
      }
      // A client that had all it asked for may go.
      const first = row.flags & IS_END && !ended && !(offline() && v.outcome === "completed");
      body.append(el("tr", { class: first ? "end" : row.flags & IS_GOAL ? "goal" : null },
        el("td", { class: "num" }, duration(row.at)), message(first ? withCode(row, v) : row, first),
        el("td", { class: "num" }, row.size === undefined ? "" : number(row.size))));
      ended = ended || Boolean(first);
    }
    return scroller("Exchange of " + stepName(v), el("table", { class: "exchange" },
      el("caption", { class: "unseen" }, "Messages between client and server, " + stepName(v)),
      el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "num" }, "at"),
        el("th", { scope: "col", class: "ends" }, el("div", {}, el("span", {}, "client"), el("span", {}, "server"))),
        el("th", { scope: "col", class: "num" }, "bytes"))), bodies));
  }

  // What makes a remark of Windows' one on the connection.
  const tieWords = { connection: "", process: "by the process that the connection belongs to",
    client: "names the client", time: "at that time: nothing else ties it to this connection" };

  function attemptFacts(host, v) {
    const rows = [];
    const row = (term, ...value) => rows.push(el("dt", {}, term), el("dd", {}, value));
    if (v.reason) row("Reason", fill(host, v.reason));
    if (v.step) row("Moment", v.step);
    if (v.words.meaning)
      row("Code", el("code", {}, [v.words.code, v.code.name].filter(Boolean).join(" ")), ": " + v.words.meaning);
    if (v.mstsc)
      row("mstsc shows", v.mstsc.code ? el("code", {}, mstscText(v.mstsc)) : mstscText(v.mstsc), v.mstsc.code ? " (" + v.mstsc.basis + ")" : "",
        [v.words.mstsc, v.words.extended].filter(Boolean).map((text) => "; " + text));
    if (v.last_sent) row("Last sent", v.last_sent);
    if (v.last_received) row("Last received", v.last_received);
    (v.hops || []).forEach((hop, i) => row("Server " + (i + 1), [hop.hop ? hop.hop.target : hop.address, hop.outcome,
      inPhase(hop)].filter(Boolean).join(" ") + ": " + hop.words.ended,
      hop.redirection ? " (" + hop.redirection.fields.join(", ") + ")" : ""));
    if (v.hop) row("Server " + (v.hop.number + 1), v.hop.target);
    if (v.tls_first) row("TLS at once", v.tls_first.tls && v.tls_first.tls.version ? v.tls_first.tls.version +
      (v.tls_first.tls.alpn ? ", " + v.tls_first.tls.alpn : "") : v.tls_first.words.ended);
    if (v.variation && !v.hop) row("Tried again", v.variation === "again" ? "the same offer, a while later" : v.variation);
    const first = v.first_try;
    if (first) row("First try", [first.outcome, inPhase(first)].filter(Boolean).join(" ") + ": " + first.words.ended);
    if (v.address) row("Address", v.address);
    const place = v.capture;
    if (place) {
      row("Client", place.client);
      row("Capture", [place.packet && "packet " + number(place.packet), place.time && place.time.replace("T", " ").replace("Z", " UTC"),
        (place.time ? duration(place.offset_us) + " into " : "") + place.file].filter(Boolean).join(", "));
    }
    if (v.bytes_sent !== undefined) row("Bytes", number(v.bytes_sent) + " sent, " + number(v.bytes_received) + " received");
    if (v.started) row("Started", moment(v.started));
    const said = v.windows;
    if (said && said.said)
      row("Windows says", said.said.map((text, i) => el("div", {}, text,
        el("small", {}, [said.times[i] && moment(said.times[i]), tieWords[said.ties[i]]].filter(Boolean).join("; ")))),
      said.more ? el("div", {}, plural(said.more, "more event")) : null);
    if (said && said.events_lost)
      row("Lost", plural(said.events_lost, "event") + " of the trace: packets or remarks may be missing");
    const other = v.other_capture;
    if (other)
      row("Captured twice", el("div", {}, "also in " + other.file, el("small", {}, other.same_by)),
        (other.differences || []).map((text) => el("div", {}, text)));
    if (v.picture) // only where pictures were asked for
      row("Screen", el("img", { class: "picture", src: v.picture, alt: "The last picture of the session" }),
        el("div", { class: "dim" }, "The last picture of the session: what is on the screen may be confidential."));
    return el("dl", { class: "facts" }, rows);
  }

  function attemptBody(host, attempt) {
    const nothing = attempt.no_exchange
      ? el("p", { class: "dim" }, "The exchange of this attempt was left out to keep the page small; probe this host alone to see it.")
      : null;
    return el("div", { class: "body" }, attemptFacts(host, attempt),
      nothing || (attempt.exchange ? exchange(host, attempt) : null));
  }

  // What an attempt holds is drawn when it is opened.
  function attemptDetails(host, v, open) {
    const details = el("details", { class: "attempt", id: "attempt-" + v.ordinal },
      el("summary", {}, el("h3", {}, stepName(v)), outcomeBadge(v),
        el("span", { class: "where" }, inPhase(v)),
        el("span", { class: "how" }, v.words.ended === "stop" && v.reason ? fill(host, v.reason) : endedWith(v)),
        el("span", { class: "who" }, v.closed_by ? "by " + v.closed_by : ""),
        el("span", { class: "num" }, duration(v.duration_us))));
    const draw = () => details.childElementCount === 1 && put(details, [attemptBody(host, v)]);
    details.addEventListener("toggle", draw);
    if (open) {
      draw();
      details.open = true;
    }
    return details;
  }

  function exchanges(host) {
    const shown = telling(host) || host.attempts[0];
    return section("Messages", "exchange",
      host.attempts.map((attempt) => attemptDetails(host, attempt, attempt === shown)));
  }

  // ---------------------------------------------------------------------------- one host: facts

  // As in the text report (why_words_trust).
  function trustText({ trust, authority }) {
    return { "trusted": "trusted, issued under " + authority + "; revocation not checked",
      "self-signed": "not trusted: self-signed",
      "unknown-issuer": "not trusted: the probing computer does not know " + authority,
      "chain-expired": "not trusted: " + authority + " is expired or not yet valid",
      "chain-invalid": "not trusted: the chain is not valid at " + authority }[trust] || trust;
  }

  function certificateText(host, c, attempts) {
    const notes = (text, bad) => el("span", { class: bad ? "bad" : "good" }, sign(bad ? "✕" : "✓"), text);
    // As in the other reports: from the whole second in which the attempt began. A capture's is long over.
    const began = Math.floor(Date.parse(attempts[0].started || report.run.started) / 1000);
    const days = Math.floor((Date.parse(c.not_after) / 1000 - began) / 86400);
    const rows = [["Subject", c.subject], ["Issuer", [c.issuer, c.self_signed ? " (self-signed)" : ""]],
      ["Names", (c.names || []).join(", ")],
      ["Target", c.name_matches ? notes("the names match " + host.name, false)
        : notes("no name matches " + host.name, true)],
      ["Trust", c.trust ? notes(trustText(c), c.trust !== "trusted") : ""],
      ["Valid", [day(c.not_before) + " to " + day(c.not_after) + " ", c.expired ? notes("expired", true)
        : c.not_yet_valid ? notes("not yet valid", true) : notes(plural(days, "day") + " left", days < 14)]],
      ["Key", c.key], ["Signature", c.signature], ["Chain", c.chain_length ? plural(c.chain_length, "certificate") : ""],
      ["Serial", c.serial], ["SHA-256", c.sha256], ["Seen with", stepNames(attempts)]];
    return el("dl", { class: "facts certificate" }, rows.filter(([, value]) => value && value.length !== 0)
      .map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
  }

  function certificates(host) {
    const groups = new Map();
    for (const attempt of host.attempts) {
      const c = attempt.tls && attempt.tls.certificate;
      if (!c) continue;
      const key = c.sha256 + " " + c.trust;
      if (!groups.has(key)) groups.set(key, { c, attempts: [] });
      groups.get(key).attempts.push(attempt);
    }
    if (!groups.size) return null;
    return section(groups.size > 1 ? "Certificates" : "Certificate", "certificate",
      [...groups.values()].map(({ c, attempts }) => certificateText(host, c, attempts)));
  }

  const skew = (seconds) =>
    seconds === 0 ? "same as this computer's" : Math.abs(seconds) + " s " + (seconds < 0 ? "behind" : "ahead of") + " this computer's";

  const at = (record, path) => path.split(".").reduce((value, key) => (value === undefined ? value : value[key]), record);

  // A line that people read of a server, put together of the record's facts; "" where none is known.
  function factLine(line, record) {
    const values = line.parts.map(({ path }) => at(record, path));
    const known = values.map((value) => value !== undefined && value.length !== 0);
    if (!known.includes(true) || (line.unless && values[0] === line.unless)) return "";
    return line.parts.map(({ form, otherwise, list, skew: ahead }, i) => {
      if (!known[i]) return otherwise;
      const text = ahead ? skew(values[i]) : list ? values[i].join(list) : String(values[i]);
      return form ? form.replace("%s", () => text) : text;
    }).filter(Boolean).join(line.separator || ", ");
  }

  function factRow(host, line) {
    const values = new Map();
    for (const attempt of host.attempts) {
      const value = factLine(line, attempt);
      if (value) values.set(value, (values.get(value) || []).concat(attempt));
    }
    if (!values.size) return null;
    return [el("dt", {}, upper(line.label)), el("dd", {}, [...values].map(([value, steps]) =>
      el("div", {}, value, values.size > 1 ? el("small", {}, stepNames(steps)) : null)))];
  }

  /* What the server is, and what tells it. */
  function kindRow(host) {
    const s = host.server;
    if (!s || !s.kind) return [];
    return [el("dt", {}, "Kind"), el("dd", {}, (s.kind_basis === "certain" ? "" : "likely ") + s.kind,
      s.kind_evidence.map((reason) => el("div", {}, el("small", {}, reason))))];
  }

  function serverFacts(host) {
    const rows = kindRow(host).concat(report.run.facts.map((line) => factRow(host, line)).filter(Boolean));
    return rows.length ? section("Server", "server", el("dl", { class: "facts" }, rows)) : null;
  }

  function spreads(host) {
    if (!host.spreads || !host.spreads.length) return null;
    const titles = ["profile", "phase", "times", "shortest", "median", "longest"];
    return section("Repeats", "repeats", scroller("Repeats", el("table", { class: "plain" },
      el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, host.spreads.map((s) => el("tr", {},
        el("th", { scope: "row" }, stepName({ profile: s.profile, license_mode: s.license_mode })),
        [s.phase || "all of it", s.count, duration(s.min_us), duration(s.median_us), duration(s.max_us)]
          .map((text) => el("td", {}, text))))))));
  }

  function moreConnections(f) {
    const more = [f.second_tries ? f.second_tries + " to try again" : "",
      f.tls_first ? f.tls_first + " to see whether the port speaks TLS at once" : ""].filter(Boolean);
    return more.length ? " (" + more.join(", ") + ")" : "";
  }

  function footprint(host) {
    const f = host.footprint;
    return f ? el("p", { class: "dim footprint" }, "Footprint: " + plural(f.connections, "connection") +
      moreConnections(f) + ", " +
      plural(f.authentications, "logon") + " with real credentials, " +
      (f.as_requests === undefined ? "" : plural(f.as_requests, "AS request") + " and " + plural(f.tgs_requests, "TGS request") + " to the KDC, ") +
      plural(f.licenses_requested, "license") + " requested" +
      (f.licenses_requested ? ", " + f.licenses_issued + (f.licenses_unknown ? " known to be issued" : " issued") : "") +
      (f.licenses_unknown ? ", " + f.licenses_unknown + " unknown" : "") + ".") : null;
  }

  function hostView(host) {
    const address = host.attempts.map((each) => each.address).find(Boolean);
    return [back(host),
      el("div", { class: "title" }, el("h1", {}, host.label), stateBadge(host.state),
        address ? el("span", { class: "dim" }, address) : null,
        el("span", { class: "dim" }, stateMeaning(host))),
      el("p", { class: "headline" }, headline(host)), answer(host), mostLikely(host), checkNext(host),
      el("div", { class: "columns" }, ladder(host), alsoNoticed(host)),
      findings(host), exchanges(host), el("div", { class: "columns" }, certificates(host), serverFacts(host)),
      spreads(host), footprint(host)];
  }

  // ------------------------------------------------------------------------------ many hosts

  const list = { order: [], search: "", states: new Set(), rule: "", key: "state", down: false, job: 0, done: false };

  function back(host) {
    if (report.hosts.length < 2) return null;
    const at = list.order.indexOf(host);
    const link = (other, text, rel) => other ? el("a", { href: hostLink(other), rel }, text) : null;
    return el("nav", { class: "back", "aria-label": "Hosts" }, el("a", { href: "#", id: "all" }, "← All hosts"),
      at < 0 ? null : el("span", { class: "dim" }, number(at + 1) + " of " + number(list.order.length)),
      link(at > 0 && list.order[at - 1], "Previous", "prev"),
      link(at >= 0 && list.order[at + 1], "Next", "next"));
  }

  const hostLink = (host) => "#host=" + encodeURIComponent(host.label);

  // The columns: profile and license mode, in the run's order; repeats of a step share one. What no
  // host was tried with has none: captures may hold any of them.
  function stepColumns() {
    const columns = [], tried = new Set();
    for (const host of report.hosts)
      for (const attempt of host.attempts) tried.add(stepName({ profile: attempt.profile, license_mode: attempt.license_mode }));
    for (const profile of report.run.options.profiles)
      for (const license_mode of report.run.options.license_modes)
        columns.push({ profile, license_mode, name: stepName({ profile, license_mode }) });
    return columns.filter(({ name }) => tried.has(name));
  }

  function columnAttempts(host, column) {
    return host.attempts.filter((each) => each.profile === column.profile && each.license_mode === column.license_mode);
  }

  const BADNESS = { none: 0, through: 1, policy: 2, unknown: 3, fault: 4 };

  function worst(attempts) {
    return attempts.reduce((bad, each) => !bad || BADNESS[rating(each)] > BADNESS[rating(bad)] ||
      (rating(each) === rating(bad) && reach(each) < reach(bad)) ? each : bad, null);
  }

  // Seven steps on the way to a session; each has a colour in the style sheet.
  const REACH = { resolve: 0, connect: 0, proxy: 0, "gateway-tls": 0, "gateway-http": 0, "gateway-handshake": 0, "gateway-tunnel": 0,
    "gateway-authorization": 0, "gateway-channel": 0, negotiation: 1, tls: 2, kerberos: 3, credssp: 3, rdstls: 3, aad: 3, "auto-detect": 5,
    licensing: 5, multitransport: 5, capabilities: 6, finalization: 6, active: 7, session: 7 };
  const reachClass = (phase) => "reach-" + (phase in REACH ? REACH[phase] : 4);

  function cell(host, column) {
    const attempts = columnAttempts(host, column), v = worst(attempts);
    if (!v) return el("td", { class: "not" }, "·");
    const kind = rating(v);
    const same = attempts.filter((each) => rating(each) === kind).length;
    return el("td", { class: "cell rate-" + kind + (kind === "fault" ? " " + reachClass(v.phase) : ""), "data-step": column.name,
      title: [v.outcome, inPhase(v)].filter(Boolean).join(" ") + ": " + v.words.ended },
      sign(OUTCOME_SIGNS[kind]), v.phase || v.outcome, phaseTo(v) ? ["+", unseen(" or later")] : null,
      attempts.length > 1 ? el("small", {}, same + "/" + attempts.length) : null);
  }

  function row(host) {
    const node = el("tr", { click: (event) => event.target.closest("a") || String(getSelection()) || (location.hash = hostLink(host)) },
      el("td", {}, stateBadge(host.state)),
      el("th", { scope: "row", title: host.label }, el("a", { href: hostLink(host) }, host.label)),
      list.columns.map((column) => cell(host, column)),
      el("td", { class: "headline", title: headline(host) }, headline(host),
        host.findings.length > 1 ? el("small", {}, "+" + (host.findings.length - 1)) : null));
    return node;
  }

  function haystack(host) {
    if (!host.haystack)
      host.haystack = [host.label, host.state, headline(host), ...host.findings.map((one) => one.rule + " " + fill(host, one.summary)),
        ...host.attempts.map((each) => [stepName(each), each.outcome, phaseText(each), each.words.ended,
          each.mstsc && each.mstsc.code ? mstscText(each.mstsc) : "", each.address || "",
          subjectOf(each)].join(" "))].join("\n").toLowerCase();
    return host.haystack;
  }

  function subjectOf({ tls, ntlm }) {
    const c = tls && tls.certificate;
    return (c ? c.subject + " " + (c.names || []).join(" ") : "") + (ntlm ? " " + (ntlm.dns_computer || "") : "");
  }

  function isShown(host) {
    return (!list.states.size || list.states.has(host.state)) &&
      (!list.rule || host.findings.some((one) => one.rule === list.rule)) &&
      list.search.toLowerCase().split(/\s+/).every((word) => !word || haystack(host).includes(word));
  }

  const isFiltered = () => Boolean(list.search || list.rule || list.states.size);

  function showAll() {
    list.search = list.rule = "";
    list.states.clear();
    document.getElementById("search").value = "";
    if (document.getElementById("rule")) document.getElementById("rule").value = "";
    for (const chip of document.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", "false");
    refresh();
  }

  const collator = new Intl.Collator("en", { numeric: true });
  const SORTS = {
    state: (host) => -stateInfo(host.state).urgent,
    host: () => 0,
    finding: (host) => headline(host),
  };

  function sortKey() {
    if (SORTS[list.key]) return SORTS[list.key];
    const column = list.columns.find((each) => each.name === list.key);
    return (host) => {
      const attempt = worst(columnAttempts(host, column));
      return attempt ? (rating(attempt) === "fault" ? 0 : 100 * (5 - BADNESS[rating(attempt)])) + reach(attempt) : 1000;
    };
  }

  function arrange() {
    const key = sortKey(), keys = new Map(report.hosts.map((host) => [host, key(host)]));
    const sense = list.down ? -1 : 1;
    list.order = report.hosts.filter(isShown).sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      const order = typeof x === "string" ? collator.compare(x, y) : x - y;
      return sense * order || collator.compare(a.label, b.label) * (list.key === "host" ? sense : 1);
    });
  }

  // Draws the rows a chunk at a time; a newer order ends the older one's job.
  function drawRows(body) {
    const job = ++list.job, hosts = list.order;
    let at = 0;
    const chunk = (size) => {
      const end = Math.min(at + size, hosts.length);
      const rows = document.createDocumentFragment();
      for (; at < end; at++) rows.append(hosts[at].row || (hosts[at].row = row(hosts[at])));
      body.append(rows);
    };
    const next = () => {
      if (job !== list.job) return;
      chunk(CHUNK);
      if (at < hosts.length) setTimeout(next);
      else document.documentElement.dataset.rows = hosts.length;
    };
    delete document.documentElement.dataset.rows;
    body.replaceChildren();
    list.finish = () => job === list.job && chunk(hosts.length); // to print, all of them are wanted
    next();
  }

  function refresh() {
    const body = document.getElementById("rows");
    arrange();
    if (!body) return;
    drawRows(body);
    document.getElementById("shown").textContent =
      number(list.order.length) + " of " + plural(report.hosts.length, "host") + " shown";
    for (const button of document.querySelectorAll("th[data-key]")) {
      const own = button.dataset.key === list.key;
      button.setAttribute("aria-sort", own ? (list.down ? "descending" : "ascending") : "none");
    }
  }

  function heading(key, text, title) {
    return el("th", { scope: "col", "data-key": key, title },
      el("button", { type: "button", click: () => {
        list.down = list.key === key && !list.down;
        list.key = key;
        refresh();
      } }, text));
  }

  function stateFilters() {
    const counts = new Map();
    for (const host of report.hosts) counts.set(host.state, (counts.get(host.state) || 0) + 1);
    const mostUrgentFirst = (a, b) => stateInfo(b).urgent - stateInfo(a).urgent;
    return [...counts.keys()].sort(mostUrgentFirst).map((state) =>
      el("button", { type: "button", class: "chip" + stateClass(state), "aria-pressed": String(list.states.has(state)), title: words("states")[state],
        click: (event) => {
          if (!list.states.delete(state)) list.states.add(state);
          event.currentTarget.setAttribute("aria-pressed", String(list.states.has(state)));
          refresh();
        } }, sign(stateInfo(state).sign), el("b", {}, number(counts.get(state))), " " + state));
  }

  function ruleFilter() {
    const counts = new Map();
    for (const host of report.hosts)
      for (const rule of new Set(host.findings.map((one) => one.rule))) counts.set(rule, (counts.get(rule) || 0) + 1);
    if (!counts.size) return null;
    const select = el("select", { id: "rule", change: (event) => { list.rule = event.target.value; refresh(); } },
      el("option", { value: "" }, "any finding"),
      [...counts].sort((a, b) => b[1] - a[1]).map(([rule, n]) => el("option", { value: rule }, rule + " (" + number(n) + ")")));
    select.value = list.rule;
    return el("label", {}, unseen("Finding "), select);
  }

  function legend() {
    const steps = [["connect", "not connected"], ["negotiation", "negotiation"], ["tls", "TLS"], ["credssp", "logon"],
      ["basic-settings", "settings"], ["licensing", "licensing"], ["capabilities", "capabilities"]];
    return el("p", { class: "legend", "aria-label": "Legend" }, "Broke in ",
      steps.map(([phase, text]) => el("span", { class: "cell rate-fault " + reachClass(phase) }, sign("✕"), text)),
      el("span", { class: "cell rate-through" }, sign("✓"), "works, or works up to the logon"),
      el("span", { class: "cell rate-policy" }, sign("⊘"), "refused by policy"),
      report.hosts.some((host) => host.attempts.some((each) => rating(each) === "unknown"))
        ? el("span", { class: "cell rate-unknown" }, sign("?"), "ended there or later: the rest cannot be read") : null);
  }

  // ------------------------------------------------------------------------- several places

  const PLACES_ROWS = 200; // targets that the table of places has at most: those that differ come first

  function placesCell(target, vantage) {
    const host = report.byLabel.get(target + " from " + vantage);
    if (!host) return el("td", { class: "not" }, "·");
    return el("td", { title: headline(host) }, el("a", { href: hostLink(host) }, stateBadge(host.state)));
  }

  // Targets by vantage point, those with a finding of several places first.
  function placesView() {
    if (places.length < 2) return null;
    const told = new Map();
    for (const { target, finding } of report.across)
      if (!told.has(target)) told.set(target, finding);
    const targets = [...new Set(report.hosts.map((host) => host.target))];
    const urgent = (target) => told.has(target) ? { error: 3, warning: 2, info: 1 }[told.get(target).severity] : 0;
    const order = targets.sort((a, b) => urgent(b) - urgent(a) || collator.compare(a, b));
    const about = (target) => ({ target, name: hostPart(target) });
    const rows = order.slice(0, PLACES_ROWS).map((target) => el("tr", {},
      el("th", { scope: "row" }, target), places.map((vantage) => placesCell(target, vantage)),
      el("td", { class: "headline" }, told.has(target) ? fill(about(target), told.get(target).summary) : null)));
    return section("Seen from several places", "places", order.length > PLACES_ROWS
      ? el("p", { class: "dim" }, "The first " + PLACES_ROWS + " of " + plural(order.length, "target") + "; the list below has all.") : null,
      scroller("Targets by place", el("table", { class: "places" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Target"),
          places.map((vantage) => el("th", { scope: "col" }, vantage)), el("th", { scope: "col" }, "What differs"))),
        el("tbody", {}, rows))), report.across.map(({ target, finding }) => placesFinding(about(target), finding)).slice(0, PLACES_ROWS));
  }

  function placesFinding(about, finding) {
    return el("details", { class: "places" },
      el("summary", {}, sign(SEVERITY_SIGNS[finding.severity]), about.target + ": " + fill(about, finding.summary)),
      el("div", { class: "reasons" }, listOf(about, "Because", finding.because, "ul"),
        listOf(about, "Likely causes", finding.causes, "ol"),
        listOf(about, "To tell them apart", finding.checks, "ul"),
        listOf(about, "Remedies", finding.remedies, "ul")));
  }

  function listView() {
    const search = el("input", { type: "search", id: "search", value: list.search, autocomplete: "off", spellcheck: "false",
      placeholder: "Filter: host, phase, code, rule …", input: (event) => { list.search = event.target.value; refresh(); } });
    const table = el("table", { class: "matrix" },
      el("caption", { class: "unseen" }, "Hosts by profile: the phase in which each attempt ended"),
      el("thead", {}, el("tr", {}, heading("state", "State"), heading("host", "Host"),
        list.columns.map((column) => heading(column.name, column.name, words("profiles")[column.profile])),
        heading("finding", "First finding"))),
      el("tbody", { id: "rows" }));
    table.style.minWidth = 42.5 + 10.6 * list.columns.length + "rem"; // columns are as wide as the style says
    return [el("h1", {}, plural(report.hosts.length, "host")), placesView(),
      el("form", { class: "filters", role: "search", submit: (event) => event.preventDefault() },
        el("label", {}, unseen("Filter hosts "), search), ruleFilter(),
        el("div", { role: "group", "aria-label": "Host states", class: "chips" }, stateFilters()),
        el("p", { id: "shown", role: "status", class: "dim" })),
      legend(),
      scroller("Hosts by profile", table)];
  }

  // ----------------------------------------------------------------------------------- the page

  // Of a run that probed nothing only what is known of it: what the clients of captures were up to is not.
  function banner() {
    const run = report.run, options = run.options, freerdp = run.libraries && run.libraries.freerdp_running;
    const attempts = plural(report.hosts.reduce((n, host) => n + host.attempts.length, 0), "attempt");
    const parts = (offline()
      ? ["read from " + run.source + " at " + moment(run.started), attempts]
      : [run.merged ? "merged from " + plural(run.merged.length, "run") : moment(run.started), attempts, "until " + options.until,
        options.credentials ? "with credentials" : "without credentials"])
      .concat("rdpwhy " + run.version, freerdp ? "FreeRDP " + freerdp : []);
    const cut = !report.end ? "This file is incomplete: it ends before the run did."
      : report.end.complete ? ""
      : report.end.interrupted ? "Run interrupted; some attempts are missing."
      : offline() ? "Not all of the input could be read; the rest is missing here."
      : "The run failed; some attempts are missing.";
    document.getElementById("run").replaceChildren(
      el("p", { class: "brand" }, "rdpwhy"), el("p", { class: "dim" }, parts.join(" · ")));
    if (cut) document.getElementById("run").append(el("p", { class: "notice", role: "alert" }, sign("!"), cut));
  }

  function wanted() {
    if (report.hosts.length === 1) return report.hosts[0];
    const match = /^#host=(.*)$/.exec(location.hash);
    try {
      return match ? report.byLabel.get(decodeURIComponent(match[1])) : null;
    } catch (error) {
      return null;
    }
  }

  let scrolled = 0, shownHost;

  function show() {
    const host = wanted() || null, view = document.getElementById("view");
    if (host === shownHost) return;
    if (shownHost === null) scrolled = scrollY;
    const before = shownHost;
    shownHost = host;
    list.job++;
    document.title = (host ? host.label + " · " : "") + "rdpwhy";
    view.replaceChildren(...put(document.createDocumentFragment(), host ? hostView(host) : listView()).childNodes);
    if (!host) refresh();
    if (before === undefined) return;
    if (host) {
      view.focus({ preventScroll: true });
      scrollTo(0, 0);
    } else {
      list.finish();
      scrollTo(0, scrolled);
      if (before.row) before.row.querySelector("a").focus({ preventScroll: true });
    }
  }

  function keys(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    const search = document.getElementById("search");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !typing && search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && shownHost && report.hosts.length > 1) {
      location.hash = "#";
    } else if (event.key === "Escape" && !shownHost && isFiltered()) {
      event.preventDefault(); // a search field would clear itself alone
      showAll();
    }
  }

  function start() {
    const view = document.getElementById("view");
    read();
    if (!report.run) {
      view.replaceChildren(el("p", { class: "notice" }, "This file is incomplete: it ends before the run's first line."));
      return;
    }
    list.columns = stepColumns();
    banner();
    arrange();
    if (report.hosts.length) show();
    else view.replaceChildren(el("p", {}, "No attempt was made."));
    addEventListener("hashchange", show);
    addEventListener("keydown", keys);
    addEventListener("beforeprint", () => !shownHost && list.finish && list.finish());
    document.documentElement.dataset.ready = "";
    performance.mark("drawn");
  }

  document.addEventListener("DOMContentLoaded", start);
})();
