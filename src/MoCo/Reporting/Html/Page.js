"use strict";
(() => {
  const tip = document.getElementById("tip");

  const add = (parent, kind, text, className) => {
    const node = document.createElement(kind);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    parent.append(node);
    return node;
  };

  const figure = value => value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential(2)
    : value.toLocaleString("en", { maximumSignificantDigits: 5 });

  // Beside the pointer, and within the window.
  const place = event => {
    tip.hidden = false;
    const box = tip.getBoundingClientRect(), room = 14;
    const right = event.clientX + room + box.width <= innerWidth - 4;
    const x = right ? event.clientX + room : event.clientX - room - box.width;
    const y = Math.min(event.clientY + room, innerHeight - box.height - 4);
    tip.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
  };

  const hover = (svg, over, out) => {
    svg.addEventListener("pointermove", event => {
      const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
      tip.replaceChildren();
      if (over((event.clientX - box.left) * scale, (event.clientY - box.top) * scale)) place(event);
      else { tip.hidden = true; out(); }
    });
    const leave = () => { tip.hidden = true; out(); };
    svg.addEventListener("pointerleave", leave);
    svg.addEventListener("pointercancel", leave);
  };

  const data = owner => JSON.parse(owner.querySelector(":scope > script").textContent);

  // Of points in the order of their x, the nearest.
  const nearest = (points, x) => {
    let low = 0, high = points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle][0] < x) low = middle + 1; else high = middle;
    }
    return low > 0 && x - points[low - 1][0] < points[low][0] - x ? points[low - 1] : points[low];
  };

  for (const owner of document.querySelectorAll("figure.line")) {
    const chart = data(owner), svg = owner.querySelector("svg"), cross = svg.querySelector(".cross");
    hover(svg, x => {
      const hits = chart.series.map((series, i) => ({ name: series.name, i, point: nearest(series.points, x) }));
      const best = hits.reduce((a, b) => Math.abs(b.point[0] - x) < Math.abs(a.point[0] - x) ? b : a).point;
      cross.setAttribute("x1", best[0]);
      cross.setAttribute("x2", best[0]);
      cross.style.visibility = "visible";
      add(tip, "div", `${chart.title} ${best[1].toLocaleString("en")}`, "faint");
      for (const hit of hits) {
        if (Math.abs(hit.point[0] - best[0]) > 12) continue;
        const line = add(tip, "div");
        add(line, "i", "", `s${hit.i}`);
        line.append(hits.length > 1 ? `${hit.name.replace(/, least$/, "")}: ` : "");
        add(line, "b", `${figure(hit.point[2])} ${chart.unit}`);
      }
      if (chart.limit) add(tip, "div", chart.limit, "faint");
      return true;
    }, () => { cross.style.visibility = "hidden"; });
  }

  for (const owner of document.querySelectorAll("figure.ridges")) {
    const chart = data(owner);
    hover(owner.querySelector("svg"), (x, y) => {
      const row = chart.rows[Math.floor((y - chart.top) / chart.row)];
      if (!row) return false;
      add(tip, "div", row.name, "faint");
      for (const line of row.lines) add(tip, "div", line);
      return true;
    }, () => { });
  }

  for (const section of document.querySelectorAll("section.map")) {
    const images = data(section);
    const maps = [...section.querySelectorAll("svg")].map(svg => ({
      svg, here: svg.querySelector(".here"),
      points: [...svg.querySelectorAll("circle:not(.here)")].map(node => ({ node, x: node.cx.baseVal.value, y: node.cy.baseVal.value })),
    }));
    const clear = () => { for (const map of maps) map.here.style.visibility = "hidden"; };
    for (const map of maps) {
      hover(map.svg, (x, y) => {
        let found = -1, least = 15 * 15;
        map.points.forEach((point, i) => {
          const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
          if (distance < least && !point.node.classList.contains("dim")) { least = distance; found = i; }
        });
        if (found < 0) return false;
        for (const { here, points } of maps) {
          here.setAttribute("cx", points[found].x);
          here.setAttribute("cy", points[found].y);
          here.style.visibility = "visible";
        }
        const image = images[found];
        if (image.label !== null) add(tip, "b", image.label);
        if (image.image) add(tip, "img").src = image.image;
        add(tip, "div", image.name, "faint");
        return true;
      }, clear);
    }
    const buttons = [...section.querySelectorAll(".classes button")];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        for (const other of buttons) other.setAttribute("aria-pressed", String(on && other === button));
        for (const map of maps)
          for (const { node } of map.points) node.classList.toggle("dim", on && !node.classList.contains(button.dataset.class));
      });
    }
  }
})();
