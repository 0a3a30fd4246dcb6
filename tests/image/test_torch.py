"""Networks of torch: against torch itself, against their ONNX export, and what is refused."""

from __future__ import annotations

import copy
import io
import os
import pickle
import warnings
import zipfile

import numpy as np
import pytest
from sklearn.base import clone

from mmclassic import save
from mmclassic.image import BackboneVectorizer

pytestmark = pytest.mark.extra
torch = pytest.importorskip("torch", reason="torch is an optional part")

SIZE = (64, 48)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.fixture(scope="module")
def module():
    from benchmarks._resnet import resnet

    return resnet((8, 8, 16, 16, 24), n_classes=10)


@pytest.fixture(scope="module")
def pictures():
    return list(np.random.default_rng(0).integers(0, 256, (21, *SIZE, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def files(module, tmp_path_factory):
    """The module in all formats: ``files / "net.onnx"`` and so on."""
    folder = tmp_path_factory.mktemp("models")
    two, dynamic = (torch.zeros(2, 3, *SIZE),), ({0: torch.export.Dim.AUTO},)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about itself
        torch.jit.trace(module, two).save(folder / "net.ts")
        torch.jit.freeze(torch.jit.trace(module, two)).save(folder / "frozen.ts")
        torch.export.save(torch.export.export(module, (two[0][:1],)), folder / "one.pt2")
        program = torch.export.export(module, two, dynamic_shapes=dynamic)
        torch.export.save(program, folder / "net.pt2")
    torch.save(module.state_dict(), folder / "weights.pt")
    return folder


@pytest.fixture(scope="module")
def onnx_file(module, files):
    pytest.importorskip("onnxscript", reason="onnxscript exports the network of this test")
    two, dynamic = (torch.zeros(2, 3, *SIZE),), ({0: torch.export.Dim.AUTO},)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            two,
            files / "net.onnx",
            external_data=False,
            dynamic_shapes=dynamic,
            verbose=False,
        )
    return files / "net.onnx"


def backbone(model, **parameters):
    return BackboneVectorizer(model, **{"size": SIZE, "device": "cpu", **parameters})


def eager(module, pictures, layer=None):
    """What plain torch makes of the pictures, at the end or after one of the outer parts."""
    pixels = torch.from_numpy(np.stack(pictures)).float() / 255
    values = ((pixels - torch.tensor(MEAN)) / torch.tensor(STD)).permute(0, 3, 1, 2)
    with torch.no_grad():
        for name, part in module.named_children():
            values = part(values)
            if name == layer:
                return values.mean((2, 3)).numpy()
    return values.numpy()


@pytest.mark.parametrize("layer", [None, "conv1", "bn1", "layer2", "layer4"])
def test_features_are_those_of_eager_torch(module, pictures, layer):
    expected = eager(module, pictures, layer)
    vectorizer = backbone(module, layer=layer)
    found = vectorizer.fit_transform(pictures)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max(), rtol=1e-4)
    assert len(np.unique(found, axis=0)) == len(pictures)


def test_an_inner_layer(module, pictures):
    within = torch.nn.Sequential(*list(module.children())[:5], module.layer2[0])
    expected = eager(within, pictures, "5")
    found = backbone(module, layer="layer2.0").fit_transform(pictures)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_nothing_after_the_layer_is_computed(pictures):
    class Broken(torch.nn.Module):
        def forward(self, values):
            raise ArithmeticError("not to be reached")

    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), Broken())
    assert backbone(module, layer="0").fit_transform(pictures).shape[1] == 4
    with pytest.raises(ValueError, match="not to be reached"):
        backbone(module).fit(pictures)


@pytest.mark.parametrize("name", ["net.ts", "frozen.ts", "net.pt2", "one.pt2"])
def test_files_of_torch(module, files, pictures, name):
    vectorizer = backbone(files / name)
    np.testing.assert_allclose(
        vectorizer.fit_transform(pictures), eager(module, pictures), atol=1e-6
    )
    assert vectorizer._start()[1].batched == (name != "one.pt2")


def test_a_layer_of_an_exported_program(module, files, pictures):
    found = backbone(files / "net.pt2", layer="layer4").fit_transform(pictures)
    np.testing.assert_allclose(found, eager(module, pictures, "layer4"), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("runtime", ["onnxruntime", "opencv"])
def test_module_and_its_onnx_export_agree(module, onnx_file, pictures, runtime):
    if runtime == "onnxruntime":
        pytest.importorskip("onnxruntime", reason="onnxruntime is an optional part")
    onnx = backbone(onnx_file, runtime=runtime).fit_transform(pictures)
    found = backbone(module).fit_transform(pictures)
    np.testing.assert_allclose(found, onnx, atol=1e-4)


@pytest.mark.parametrize(("batch_size", "n_jobs"), [(1, 1), (5, 2), (100, 2)])
def test_batches_and_threads_change_nothing(module, pictures, batch_size, n_jobs):
    expected = backbone(module).fit_transform(pictures)
    vectorizer = backbone(module, batch_size=batch_size, n_jobs=n_jobs)
    np.testing.assert_allclose(vectorizer.fit_transform(pictures), expected, atol=1e-6)
    one_thread = vectorizer.set_params(n_jobs=1).transform(pictures)
    np.testing.assert_array_equal(one_thread, vectorizer.set_params(n_jobs=2).transform(pictures))


def test_norms_over_the_batch_are_seen_and_run_one_by_one(pictures):
    norm = torch.nn.BatchNorm2d(3, track_running_stats=False)
    vectorizer = backbone(torch.nn.Sequential(norm, torch.nn.ReLU()))
    features = vectorizer.fit_transform(pictures)
    assert not vectorizer._start()[1].batched
    np.testing.assert_allclose(vectorizer.transform(pictures[3:4]), features[3:4], rtol=1e-5)


@pytest.mark.skipif(
    not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this CPU has no bfloat16"
)
def test_half_precision_is_close(module, pictures):
    single = backbone(module)
    half = backbone(module, precision="half")
    expected, found = single.fit_transform(pictures), half.fit_transform(pictures)
    np.testing.assert_allclose(found, expected, atol=0.02 * np.abs(expected).max())
    assert (found != expected).any()
    assert half._settings() != single._settings()


def test_the_module_of_the_user_is_left_alone(module, pictures):
    own = copy.deepcopy(module).train()
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    vectorizer = backbone(own)
    np.testing.assert_allclose(
        vectorizer.fit_transform(pictures), eager(module, pictures), atol=1e-6
    )
    assert own.training
    assert all(parameter.requires_grad for parameter in own.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in own.state_dict().items())


def test_a_module_that_is_trained_further_is_opened_again(module, pictures):
    own = copy.deepcopy(module)
    vectorizer = backbone(own)
    before, settings = vectorizer.fit_transform(pictures), vectorizer._settings()
    with torch.no_grad():
        own.fc.weight.mul_(2)
    np.testing.assert_allclose(vectorizer.transform(pictures), eager(own, pictures), atol=1e-6)
    assert np.abs(vectorizer.transform(pictures) - before).max() > 0.01
    assert vectorizer._settings() != settings


def test_clones_share_the_module_and_a_pickle_holds_it_once(pictures):
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 200, 5), torch.nn.BatchNorm2d(200))
    vectorizer = backbone(module, layer="1")
    expected = vectorizer.fit_transform(pictures)
    copied = clone(vectorizer)
    assert copied.model is module
    assert copied.get_params() == vectorizer.get_params()
    assert copied.fit(pictures)._start()[1] is vectorizer._start()[1]
    one = len(pickle.dumps(module))
    revived = pickle.dumps([vectorizer, copied])
    assert len(revived) < 1.2 * one
    np.testing.assert_array_equal(pickle.loads(revived)[1].transform(pictures), expected)
    assert repr(vectorizer).startswith(
        "BackboneVectorizer(device='cpu', layer='1', model=<Sequential of 15"
    )


def test_the_store_knows_a_module_by_its_content(module, pictures, tmp_path):
    vectorizer = backbone(module, cache=tmp_path / "store")
    expected = vectorizer.fit_transform(pictures)
    same = backbone(copy.deepcopy(module), cache=tmp_path / "store")
    assert same._settings() == vectorizer._settings()
    np.testing.assert_array_equal(same.fit_transform(pictures), expected)


@pytest.mark.parametrize("wrap", ["plain", "checkpoint", "data parallel"])
def test_weights_from_a_state_dictionary(module, pictures, tmp_path, wrap):
    state = module.state_dict()
    if wrap == "data parallel":
        state = {f"module.{name}": tensor for name, tensor in state.items()}
    torch.save({"state_dict": state, "epoch": 3} if wrap == "checkpoint" else state, tmp_path / "w")
    other = copy.deepcopy(module)
    torch.nn.init.zeros_(other.fc.weight)
    found = backbone(other, weights=tmp_path / "w").fit_transform(pictures)
    np.testing.assert_allclose(found, eager(module, pictures), atol=1e-6)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_pickles_are_never_run(module, files, pictures, tmp_path):
    trap, sprung = Trap(tmp_path / "sprung"), tmp_path / "sprung"
    torch.save({"weight": trap}, tmp_path / "weights.pt")
    torch.save(trap, tmp_path / "module.pt")
    (tmp_path / "module.pkl").write_bytes(pickle.dumps(trap))
    with pytest.raises(ValueError, match=r"cannot be read as weights alone \(UnpicklingError\)"):
        backbone(module, weights=tmp_path / "weights.pt").fit(pictures)
    for name in ("module.pt", "module.pkl"):
        with pytest.raises(ValueError, match="A pickle can run any code"):
            backbone(tmp_path / name).fit(pictures)
    buffer = io.BytesIO()
    torch.save(trap, buffer)
    _replaced(files / "net.pt2", tmp_path / "trap.pt2", "sample_inputs/model.pt", buffer.getvalue())
    with pytest.raises(ValueError, match=r"trap\.pt2.*holds pickled objects beside tensors"):
        backbone(tmp_path / "trap.pt2").fit(pictures)
    assert not sprung.exists()
    assert "TORCH_FORCE_WEIGHTS_ONLY_LOAD" not in os.environ
    pickle.loads(pickle.dumps(trap))
    assert sprung.exists()  # the trap works


def test_machine_code_is_refused(files, pictures, tmp_path):
    with zipfile.ZipFile(files / "net.pt2") as source:
        names = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(tmp_path / "code.pt2", "w") as target:
        for name, content in names.items():
            target.writestr(name, content)
        target.writestr("net/data/aotinductor/model/code.so", b"\x7fELF")
    with pytest.raises(ValueError, match=r"machine code or pickled objects \(net/data/aot"):
        backbone(tmp_path / "code.pt2").fit(pictures)


def _replaced(source, target, ending, content):
    """A copy of a zip file with one entry changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name.endswith(ending) else old.read(name))


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"device": "cuda"}, ValueError, 'device="cuda" is not there'),
        ({"device": "mps"}, ValueError, 'device="mps" is not there'),
        ({"layer": "layer9"}, ValueError, "no part called 'layer9'; there are conv1, bn1"),
        ({"layer": ""}, ValueError, "no part called ''"),
        ({"runtime": "opencv"}, ValueError, 'runtime="opencv" is for ONNX files'),
        ({"weights": "absent.pt"}, FileNotFoundError, "no file weights='absent.pt'"),
        ({"model": torch.nn.Linear(2, 2).eval()}, ValueError, "cannot use the model Linear"),
        ({"model": torch.nn.LSTM(48, 2)}, ValueError, "cannot use the model LSTM"),
    ],
)
def test_bad_parameters(module, pictures, parameters, error, message, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(error, match=message):
        backbone(**{"model": module, **parameters}).fit(pictures)


def test_weights_of_another_network(files, pictures):
    other = torch.nn.Conv2d(3, 4, 3)
    with pytest.raises(ValueError, match=r"weights='.*' do not fit the model Conv2d"):
        backbone(other, weights=files / "weights.pt").fit(pictures)


def test_torchscript_has_no_layers(files, pictures):
    with pytest.raises(ValueError, match="TorchScript gives its output only: leave layer=None"):
        backbone(files / "net.ts", layer="layer4").fit(pictures)


def test_a_module_cannot_be_saved_and_the_advice_works(module, files, onnx_file, tmp_path):
    for model in (module, files / "net.ts", files / "net.pt2"):
        with pytest.raises(ValueError, match=r"cannot be saved: .* torch\.onnx\.export\(module"):
            save(backbone(model), tmp_path / "model.mmc")
    save(backbone(onnx_file), tmp_path / "model.mmc")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize(("precision", "tolerance"), [("single", 1e-4), ("half", 0.02)])
def test_cuda_agrees_with_the_cpu(module, pictures, precision, tolerance):
    expected = backbone(module).fit_transform(pictures)
    vectorizer = backbone(module, device="auto", precision=precision, batch_size=5)
    found = vectorizer.fit_transform(pictures)
    assert vectorizer._start()[1].device == "cuda"
    np.testing.assert_allclose(found, expected, atol=tolerance * np.abs(expected).max())
