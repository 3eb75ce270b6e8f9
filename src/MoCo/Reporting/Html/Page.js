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
      const box = svg.getBoundingClientRect(), scale = svg.viewBox ? svg.viewBox.baseVal.width / box.width : 1;
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

  const tell = (name, label, image) => {
    if (label !== null) add(tip, "b", label);
    if (image) add(tip, "img").src = image;
    add(tip, "div", name, "faint");
    return true;
  };

  // One class at a time, or all: what is chosen is told as its name (c3, rest), or null.
  const choices = (section, chosen) => {
    const buttons = [...section.querySelectorAll(".classes button")];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        for (const other of buttons) other.setAttribute("aria-pressed", String(on && other === button));
        chosen(on ? button.dataset.class : null);
      });
    }
  };

  const drawn = (section, svg) => {
    const images = data(section), here = svg.querySelector(".here");
    const points = [...svg.querySelectorAll("circle:not(.here)")].map(node => ({ node, x: node.cx.baseVal.value, y: node.cy.baseVal.value }));
    hover(svg, (x, y) => {
      let found = -1, least = 15 * 15;
      points.forEach((point, i) => {
        const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
        if (distance < least && !point.node.classList.contains("dim")) { least = distance; found = i; }
      });
      if (found < 0) return false;
      here.setAttribute("cx", points[found].x);
      here.setAttribute("cy", points[found].y);
      here.style.visibility = "visible";
      return tell(images[found].name, images[found].label, images[found].image);
    }, () => { here.style.visibility = "hidden"; });
    choices(section, name => {
      for (const { node } of points) node.classList.toggle("dim", name !== null && !node.classList.contains(name));
    });
  };

  // Many points: the view is a place of the map in the middle of the canvas and how much it is enlarged.
  const painted = (section, canvas) => {
    const map = data(section), bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const places = new Uint16Array(bytes(map.places).buffer), kinds = bytes(map.kinds), count = kinds.length;
    const names = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "rest"], side = 65535, most = 200;
    const context = canvas.getContext("2d"), here = section.querySelector("i.here");
    const view = { x: side / 2, y: side / 2, zoom: 1 };
    let only = -1, waits = false;

    const scale = () => Math.min(canvas.clientWidth, canvas.clientHeight) * 0.96 * view.zoom / side;
    const left = i => canvas.clientWidth / 2 + (places[2 * i] - view.x) * scale();
    const top = i => canvas.clientHeight / 2 + (places[2 * i + 1] - view.y) * scale();
    // Neighbours in the data are of one class: in another order none covers the others. The step has no divisor in common with the count.
    let step = Math.round(count * 0.618);
    for (const divisor = (a, b) => b ? divisor(b, a % b) : a; divisor(step, count) > 1;) step++;

    const draw = () => {
      waits = false;
      const ratio = devicePixelRatio, width = canvas.clientWidth, height = canvas.clientHeight;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      context.scale(ratio, ratio);
      const style = getComputedStyle(canvas), colors = names.map(name => style.getPropertyValue(`--${name}`));
      const size = Math.min(7, Math.max(2, 300 / Math.sqrt(count)) * Math.sqrt(view.zoom)), factor = scale();
      const x0 = width / 2 - view.x * factor - size / 2, y0 = height / 2 - view.y * factor - size / 2;
      for (const chosen of only < 0 ? [true] : [false, true]) {
        context.globalAlpha = chosen ? 0.75 : 0.06;
        let last = -1;
        for (let n = 0, i = 0; n < count; n++, i = (i + step) % count) {
          const kind = kinds[i], x = x0 + places[2 * i] * factor, y = y0 + places[2 * i + 1] * factor;
          if ((only < 0 || kind === only) !== chosen || x < -size || y < -size || x > width || y > height) continue;
          if (kind !== last) context.fillStyle = colors[last = kind];
          context.fillRect(x, y, size, size);
        }
      }
    };
    const redraw = () => {
      here.style.visibility = "hidden";
      if (waits) return;
      waits = true;
      requestAnimationFrame(draw);
    };
    // What lies under a point of the canvas stays there.
    const zoom = (factor, x, y) => {
      const before = scale();
      view.zoom = Math.min(most, Math.max(1, view.zoom * factor));
      const moved = 1 / before - 1 / scale();
      move((x - canvas.clientWidth / 2) * moved, (y - canvas.clientHeight / 2) * moved);
    };
    const move = (x, y) => {
      view.x = Math.min(side, Math.max(0, view.x + x));
      view.y = Math.min(side, Math.max(0, view.y + y));
      redraw();
    };

    hover(canvas, (x, y) => {
      let found = -1, least = 12 * 12;
      const factor = scale(), x0 = canvas.clientWidth / 2 - view.x * factor, y0 = canvas.clientHeight / 2 - view.y * factor;
      for (let i = 0; i < count; i++) {
        const distance = (x0 + places[2 * i] * factor - x) ** 2 + (y0 + places[2 * i + 1] * factor - y) ** 2;
        if (distance < least && (only < 0 || kinds[i] === only)) { least = distance; found = i; }
      }
      if (found < 0) return false;
      here.style.transform = `translate(${left(found)}px, ${top(found)}px)`;
      here.style.visibility = "visible";
      return tell(map.names[found], map.labels[map.label[found]], map.images[found]);
    }, () => { here.style.visibility = "hidden"; });
    canvas.addEventListener("pointerdown", event => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", event => {
      if (event.buttons & 1) move(-event.movementX / scale(), -event.movementY / scale());
    });
    canvas.addEventListener("wheel", event => {
      event.preventDefault();
      const lines = event.deltaMode === 0 ? 1 : 30;
      zoom(Math.exp(-event.deltaY * lines * 0.002), event.offsetX, event.offsetY);
    }, { passive: false });
    for (const button of section.querySelectorAll(".zoom button")) {
      button.addEventListener("click", () => {
        const factor = Number(button.dataset.zoom);
        if (factor === 0) Object.assign(view, { x: side / 2, y: side / 2, zoom: 1 });
        zoom(factor || 1, canvas.clientWidth / 2, canvas.clientHeight / 2);
      });
    }
    choices(section, name => { only = names.indexOf(name); redraw(); });
    new ResizeObserver(redraw).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    redraw();
  };

  for (const section of document.querySelectorAll("section.map")) {
    const canvas = section.querySelector("canvas");
    if (canvas) painted(section, canvas); else drawn(section, section.querySelector("svg"));
  }
})();
