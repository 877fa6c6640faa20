// Shows the models of a page: each <figure class="model"> holds one as base64 in a data block. Nothing is loaded from
// anywhere, and names of parts are only ever set as text.
import {
  AmbientLight, Box3, Box3Helper, Color, DirectionalLight, EdgesGeometry, GridHelper, LineBasicMaterial, LineSegments,
  MeshStandardMaterial, PerspectiveCamera, Scene, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";

const COLOURS = ["#6b8fb5", "#c98a4b", "#7aa874", "#b56b83", "#8d7fc0", "#5fa8a8", "#b5a36b", "#8a8f98"];
// from where the model is seen, with y up as in glTF: its front is towards +z
const VIEWS = { oblique: [-0.7, 0.55, 1], front: [0, 0, 1], right: [1, 0, 0], top: [0, 1, 0.0001], back: [0, 0, -1] };

function bytes(figure) {
  const text = atob(figure.querySelector("script[type='model/gltf-binary']").textContent.trim());
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

async function show(figure) {
  const place = figure.querySelector(".canvas");
  const model = await new GLTFLoader().parseAsync(bytes(figure), "");
  const renderer = new WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
  const scene = new Scene();
  scene.background = new Color("#f4f5f7");
  scene.add(new AmbientLight("#ffffff", 1.6));
  scene.add(model.scene);
  const camera = new PerspectiveCamera(35, 1, 0.001, 1000);
  const sun = new DirectionalLight("#ffffff", 2.2);
  sun.position.set(-0.4, 1, 0.6);
  camera.add(sun);
  scene.add(camera);

  const parts = new Map();
  let number = 0;
  model.scene.traverse((node) => {
    if (!node.isMesh) return;
    const name = node.userData.name || (node.name.startsWith("mesh") && node.parent.name) || node.name;
    const before = parts.get(name);
    const colour = before ? before[0].material.color : new Color(COLOURS[number++ % COLOURS.length]);
    node.material = new MeshStandardMaterial({ color: colour, roughness: 0.75, metalness: 0.05, side: 2,
      polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1 });
    node.add(new LineSegments(new EdgesGeometry(node.geometry, 30), new LineBasicMaterial({ color: "#2b3138" })));
    parts.set(name, [...(before || []), node]);
  });

  const box = new Box3().setFromObject(model.scene);
  const size = box.getSize(new Vector3()).length() || 1;
  const middle = box.getCenter(new Vector3());
  camera.near = size / 1000;
  camera.far = size * 20;
  const grid = new GridHelper(size * 2, 20, "#c3c8cf", "#dde0e4");
  grid.position.set(middle.x, box.min.y, middle.z);
  scene.add(grid);
  const controls = new OrbitControls(camera, renderer.domElement);

  const draw = () => renderer.render(scene, camera);
  const fit = () => {
    const width = place.clientWidth || 640;
    const height = Math.round(width * 0.62);
    renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, 2));
    renderer.setSize(width, height);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    draw();
  };
  const look = (from) => {
    camera.position.copy(middle).addScaledVector(new Vector3(...from).normalize(), size * 1.7);
    controls.target.copy(middle);
    controls.update();
    draw();
  };
  controls.addEventListener("change", draw);
  new ResizeObserver(fit).observe(place);

  const bar = figure.querySelector(".views");
  for (const [name, from] of Object.entries(VIEWS)) bar.append(button(name, () => look(from)));
  const frame = new Box3Helper(box, "#b03a2e");
  frame.visible = false;
  scene.add(frame);
  bar.append(button("box", () => { frame.visible = !frame.visible; draw(); }));
  const list = figure.querySelector(".parts");
  for (const [name, nodes] of parts) {
    const label = document.createElement("label");
    const tick = document.createElement("input");
    const swatch = document.createElement("i");
    tick.type = "checkbox";
    tick.checked = true;
    tick.addEventListener("change", () => { for (const node of nodes) node.visible = tick.checked; draw(); });
    swatch.style.background = `#${nodes[0].material.color.getHexString()}`;
    label.append(tick, swatch, document.createTextNode(name || "unnamed"));
    list.append(label);
  }
  place.replaceChildren(renderer.domElement);
  fit();
  look(VIEWS.oblique);
  figure.dataset.state = "shown";
}

for (const figure of document.querySelectorAll("figure.model")) {
  show(figure).catch((error) => {
    figure.dataset.state = "failed";
    figure.querySelector(".canvas").textContent = `This browser cannot show the model (${error.message}).`;
  });
}
