// A model that can be turned, taken apart and cut open. It draws what a GLB file says and loads nothing else: whatever
// the file says of surfaces and addresses is taken out before it is read. Used by pages of artefacts and by the web client.
import {
  AmbientLight, BackSide, Box3, Box3Helper, Color, DirectionalLight, EdgesGeometry, FrontSide, GridHelper,
  LineBasicMaterial, LineSegments, Mesh, MeshBasicMaterial, MeshStandardMaterial, PerspectiveCamera, Plane, Scene,
  Spherical, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";

const COLOURS = ["#6b8fb5", "#c98a4b", "#7aa874", "#b56b83", "#8d7fc0", "#5fa8a8", "#b5a36b", "#8a8f98"];
const LIGHT = { background: "#f4f5f7", grid: "#dde0e4", axis: "#c3c8cf", edge: "#2b3138", box: "#b03a2e" };
const JSON_CHUNK = 0x4e4f534a;

// from where the model is seen, with y up as in glTF: its front is towards +z
export const VIEWS = { oblique: [-0.7, 0.55, 1], front: [0, 0, 1], right: [1, 0, 0], top: [0, 1, 0.0001], back: [0, 0, -1] };

/** Returns a GLB without surfaces, pictures and addresses. */
export function bare(data) {
  const view = new DataView(data);
  if (data.byteLength < 20 || view.getUint32(0, true) !== 0x46546c67 || view.getUint32(16, true) !== JSON_CHUNK) {
    throw new Error("it is no GLB file");
  }
  const length = view.getUint32(12, true);
  const model = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 20, length)));
  for (const name of ["materials", "textures", "images", "samplers", "animations"]) delete model[name];
  for (const buffer of model.buffers ?? []) delete buffer.uri;
  for (const mesh of model.meshes ?? []) for (const primitive of mesh.primitives ?? []) delete primitive.material;
  const text = new TextEncoder().encode(JSON.stringify(model));
  const padded = Math.ceil(text.length / 4) * 4;
  const rest = new Uint8Array(data, 20 + length);
  const made = new Uint8Array(20 + padded + rest.length).fill(0x20);
  made.set(new Uint8Array(data, 0, 20));
  made.set(text, 20);
  made.set(rest, 20 + padded);
  const head = new DataView(made.buffer);
  head.setUint32(8, made.length, true);
  head.setUint32(12, padded, true);
  return made.buffer;
}

function dressed(model, edge) {
  const parts = new Map();
  const meshes = [];
  model.traverse((node) => { if (node.isMesh) meshes.push(node); });
  for (const node of meshes) {
    const name = node.userData.name || (node.name.startsWith("mesh") && node.parent.name) || node.name;
    const before = parts.get(name);
    const colour = before ? before[0].material.color : new Color(COLOURS[parts.size % COLOURS.length]);
    node.material = new MeshStandardMaterial({ color: colour, roughness: 0.75, metalness: 0.05, side: FrontSide,
      polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1 });
    // seen from inside a part is of one flat colour, so that a cut through it looks like a cut
    const inside = new Mesh(node.geometry, new MeshBasicMaterial({ color: colour.clone().multiplyScalar(0.75), side: BackSide }));
    node.add(inside, new LineSegments(new EdgesGeometry(node.geometry, 30), new LineBasicMaterial({ color: edge })));
    parts.set(name, [...(before || []), node]);
  }
  return parts;
}

/** Shows a model in an element as wide as that. Throws where there is no WebGL, or the data is no model. */
export async function showModel(place, data, { colours = LIGHT, height = (width) => Math.round(width * 0.62) } = {}) {
  const model = await new GLTFLoader().parseAsync(bare(data), "");
  const renderer = new WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
  const scene = new Scene();
  scene.background = new Color(colours.background);
  scene.add(new AmbientLight("#ffffff", 1.6), model.scene);
  const camera = new PerspectiveCamera(35, 1, 0.001, 1000);
  const sun = new DirectionalLight("#ffffff", 2.2);
  sun.position.set(-0.4, 1, 0.6);
  camera.add(sun);
  scene.add(camera);
  const parts = dressed(model.scene, colours.edge);

  const box = new Box3().setFromObject(model.scene);
  const lengths = box.getSize(new Vector3());
  const size = lengths.length() || 1;
  const middle = box.getCenter(new Vector3());
  camera.near = size / 1000;
  camera.far = size * 20;
  const grid = new GridHelper(size * 2, 20, colours.axis, colours.grid);
  grid.position.set(middle.x, box.min.y, middle.z);
  const frame = new Box3Helper(box, colours.box);
  frame.visible = false;
  scene.add(grid, frame);

  const controls = new OrbitControls(camera, renderer.domElement);
  const draw = () => renderer.render(scene, camera);
  const fit = () => {
    const width = place.clientWidth || 640;
    const tall = height(width);
    renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, 2));
    renderer.setSize(width, tall);
    camera.aspect = width / tall;
    camera.updateProjectionMatrix();
    draw();
  };
  const look = (from) => {
    camera.position.copy(middle).addScaledVector(new Vector3(...from).normalize(), size * 1.7);
    controls.target.copy(middle);
    controls.update();
    draw();
  };
  const turn = (around, up, nearer = 1) => {
    const place = new Spherical().setFromVector3(camera.position.clone().sub(controls.target));
    place.theta += around;
    place.phi = Math.min(Math.max(place.phi + up, 0.01), Math.PI - 0.01);
    place.radius = Math.min(Math.max(place.radius * nearer, size * 0.1), size * 10);
    camera.position.copy(controls.target).add(new Vector3().setFromSpherical(place));
    controls.update();
    draw();
  };
  // keeps what lies below a share of the length along x, y or z
  const section = (axis, share = 0.5) => {
    const normal = new Vector3();
    if (axis) normal[axis] = -1;
    renderer.clippingPlanes = axis ? [new Plane(normal, box.min[axis] + share * lengths[axis])] : [];
    draw();
  };
  controls.addEventListener("change", draw);
  const watch = new ResizeObserver(fit);
  watch.observe(place);
  place.replaceChildren(renderer.domElement);
  fit();
  look(VIEWS.oblique);
  return {
    parts: [...parts].map(([name, nodes]) => ({ name, colour: `#${nodes[0].material.color.getHexString()}` })),
    lengths: [lengths.x, lengths.y, lengths.z],
    show: (name, visible) => { for (const node of parts.get(name) ?? []) node.visible = visible; draw(); },
    look: (name) => look(VIEWS[name]),
    turn,
    section,
    frame: (visible) => { frame.visible = visible; draw(); },
    dispose: () => {
      watch.disconnect();
      controls.dispose();
      scene.traverse((node) => { node.geometry?.dispose(); node.material?.dispose?.(); });
      renderer.dispose();
      renderer.forceContextLoss();
      renderer.domElement.remove();
    },
  };
}
