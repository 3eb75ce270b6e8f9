// Differentiation, and the switches of gradients and inference.
#include "shim.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

using namespace moco;

namespace {
std::vector<at::Tensor> tensors(void** handles, int64_t count) {
  std::vector<at::Tensor> result;
  result.reserve(count);
  for (int64_t i = 0; i < count; i++) result.push_back(borrow(handles[i]));
  return result;
}
} // namespace

MOCO_API int32_t moco_backward(void** outputs, int64_t output_count, void** gradients, int64_t gradient_count,
                               int32_t retain_graph, int32_t create_graph, void** inputs, int64_t input_count) {
  return guarded<>(-1, [&] {
    torch::autograd::backward(tensors(outputs, output_count), tensors(gradients, gradient_count),
                              retain_graph != 0, create_graph != 0, tensors(inputs, input_count));
    return 0;
  });
}

// Writes one gradient (null where unused) for each input.
MOCO_API int32_t moco_grad(void** outputs, int64_t output_count, void** inputs, int64_t input_count,
                           void** gradients, int64_t gradient_count, int32_t retain_graph, int32_t create_graph,
                           int32_t allow_unused, void** results) {
  return guarded<>(-1, [&] {
    auto found = torch::autograd::grad(tensors(outputs, output_count), tensors(inputs, input_count),
                                       tensors(gradients, gradient_count), retain_graph != 0, create_graph != 0,
                                       allow_unused != 0);
    for (size_t i = 0; i < found.size(); i++) results[i] = release(std::move(found[i]));
    return 0;
  });
}

MOCO_API int32_t moco_grad_mode() { return c10::GradMode::is_enabled(); }
MOCO_API void moco_grad_mode_set(int32_t enabled) { c10::GradMode::set_enabled(enabled != 0); }
MOCO_API int32_t moco_inference_mode() { return c10::InferenceMode::is_enabled(); }
MOCO_API void* moco_inference_mode_enter(int32_t enabled) { return new c10::InferenceMode(enabled != 0); }
MOCO_API void moco_inference_mode_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

MOCO_API int32_t moco_tensor_requires_grad(void* handle) { return impl(handle)->requires_grad(); }

MOCO_API int32_t moco_tensor_set_requires_grad(void* handle, int32_t value) {
  return guarded<>(-1, [&] {
    borrow(handle).set_requires_grad(value != 0);
    return 0;
  });
}

MOCO_API int32_t moco_tensor_is_leaf(void* handle) {
  return guarded<>(-1, [&] { return static_cast<int32_t>(borrow(handle).is_leaf()); });
}

MOCO_API int32_t moco_tensor_retain_grad(void* handle) {
  return guarded<>(-1, [&] {
    borrow(handle).retain_grad();
    return 0;
  });
}

MOCO_API void* moco_tensor_grad(void* handle) {
  return guarded<>(static_cast<void*>(nullptr), [&] {
    at::Tensor gradient = borrow(handle).mutable_grad();
    return release(std::move(gradient));
  });
}

MOCO_API int32_t moco_tensor_set_grad(void* handle, void* gradient) {
  return guarded<>(-1, [&] {
    borrow(handle).mutable_grad() = borrow(gradient);
    return 0;
  });
}
