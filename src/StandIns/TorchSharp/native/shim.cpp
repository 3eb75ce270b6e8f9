// Tensors' metadata and memory, threads, switches of the backends, and the last error.
#include "shim.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/ScalarTypeToTypeMeta.h>

#include <algorithm>
#include <cstring>

namespace moco {
namespace {
thread_local std::string last_error;
thread_local bool has_error = false;
} // namespace

void set_error(const char* message) {
  last_error = message;
  has_error = true;
}
} // namespace moco

using namespace moco;

// The message of this thread's last error, or null; asking forgets it.
MOCO_API const char* moco_last_error() {
  if (!has_error) return nullptr;
  has_error = false;
  return last_error.c_str();
}

MOCO_API const char* moco_version() { return TORCH_VERSION; }

MOCO_API void moco_tensor_free(void* handle) {
  c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(impl(handle));
}

// One more reference to the same tensor.
MOCO_API void* moco_tensor_alias(void* handle) { return release(borrow(handle)); }

MOCO_API int64_t moco_tensor_dim(void* handle) { return impl(handle)->dim(); }
MOCO_API int64_t moco_tensor_numel(void* handle) { return impl(handle)->numel(); }
MOCO_API int64_t moco_tensor_itemsize(void* handle) { return static_cast<int64_t>(impl(handle)->itemsize()); }
MOCO_API int32_t moco_tensor_dtype(void* handle) { return static_cast<int32_t>(c10::typeMetaToScalarType(impl(handle)->dtype())); }
MOCO_API int32_t moco_tensor_layout(void* handle) { return static_cast<int32_t>(impl(handle)->layout()); }
MOCO_API int64_t moco_tensor_device(void* handle) { return device_bits(impl(handle)->device()); }

MOCO_API int64_t moco_tensor_storage_offset(void* handle) {
  return guarded<>(static_cast<int64_t>(-1), [&] { return impl(handle)->storage_offset(); });
}

MOCO_API int32_t moco_tensor_sizes(void* handle, int64_t* sizes) {
  return guarded<>(-1, [&] {
    auto found = impl(handle)->sizes();
    std::copy(found.begin(), found.end(), sizes);
    return 0;
  });
}

MOCO_API int32_t moco_tensor_strides(void* handle, int64_t* strides) {
  return guarded<>(-1, [&] {
    auto found = impl(handle)->strides();
    std::copy(found.begin(), found.end(), strides);
    return 0;
  });
}

// format: 0 contiguous, 2 channels_last, as c10::MemoryFormat counts.
MOCO_API int32_t moco_tensor_is_contiguous(void* handle, int32_t format) {
  return guarded<>(-1, [&] {
    return static_cast<int32_t>(borrow(handle).is_contiguous(static_cast<c10::MemoryFormat>(format)));
  });
}

MOCO_API void* moco_tensor_data(void* handle) {
  return guarded<>(static_cast<void*>(nullptr), [&] { return borrow(handle).data_ptr(); });
}

// A tensor over the caller's memory; `released` is called with `context` once nothing uses it any more.
MOCO_API void* moco_tensor_from_blob(void* data, const int64_t* sizes, int64_t dimensions, int32_t dtype,
                                     void (*released)(void*), void* context) {
  return guarded<>(static_cast<void*>(nullptr), [&] {
    return release(at::from_blob(data, at::IntArrayRef(sizes, dimensions), [released, context](void*) { released(context); },
                                 at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype))));
  });
}

MOCO_API int32_t moco_get_num_threads() { return at::get_num_threads(); }
MOCO_API int32_t moco_get_num_interop_threads() { return at::get_num_interop_threads(); }

MOCO_API int32_t moco_set_num_threads(int32_t threads) {
  return guarded<>(-1, [&] {
    at::set_num_threads(threads);
    return 0;
  });
}

MOCO_API int32_t moco_set_num_interop_threads(int32_t threads) {
  return guarded<>(-1, [&] {
    at::set_num_interop_threads(threads);
    return 0;
  });
}

// Newer versions refuse these where the finer settings were used before: hence guarded.
MOCO_API int32_t moco_allow_tf32_matmul() {
  return guarded<>(-1, [] { return static_cast<int32_t>(at::globalContext().allowTF32CuBLAS()); });
}

MOCO_API int32_t moco_allow_tf32_matmul_set(int32_t allow) {
  return guarded<>(-1, [&] {
    at::globalContext().setAllowTF32CuBLAS(allow != 0);
    return 0;
  });
}

MOCO_API int32_t moco_allow_tf32_cudnn() {
  return guarded<>(-1, [] { return static_cast<int32_t>(at::globalContext().allowTF32CuDNN()); });
}

MOCO_API int32_t moco_allow_tf32_cudnn_set(int32_t allow) {
  return guarded<>(-1, [&] {
    at::globalContext().setAllowTF32CuDNN(allow != 0);
    return 0;
  });
}
