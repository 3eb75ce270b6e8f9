// Seeds and generators.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <torch/cuda.h>

#include <mutex>

using namespace moco;

namespace {
at::Generator& generator(void* handle) { return *static_cast<at::Generator*>(handle); }
} // namespace

MOCO_API void* moco_generator_new(uint64_t seed, int64_t device_) {
  return guarded<>(static_cast<void*>(nullptr), [&]() -> void* {
    auto where = device(device_);
    if (where.type() == c10::DeviceType::CPU) return new at::Generator(at::make_generator<at::CPUGeneratorImpl>(seed));
    auto made = new at::Generator(at::globalContext().defaultGenerator(where).clone());
    made->set_current_seed(seed);
    return made;
  });
}

MOCO_API void* moco_generator_default() {
  return guarded<>(static_cast<void*>(nullptr), []() -> void* {
    return new at::Generator(at::globalContext().defaultGenerator(c10::Device(c10::DeviceType::CPU)));
  });
}

MOCO_API void moco_generator_free(void* handle) { delete static_cast<at::Generator*>(handle); }

MOCO_API int64_t moco_generator_device(void* handle) { return device_bits(generator(handle).device()); }

MOCO_API int64_t moco_generator_initial_seed(void* handle) {
  return guarded<>(static_cast<int64_t>(0), [&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    return static_cast<int64_t>(generator(handle).current_seed());
  });
}

MOCO_API int64_t moco_generator_seed(void* handle) {
  return guarded<>(static_cast<int64_t>(0), [&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    return static_cast<int64_t>(generator(handle).seed());
  });
}

MOCO_API int32_t moco_generator_set_seed(void* handle, int64_t seed) {
  return guarded<>(-1, [&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    generator(handle).set_current_seed(static_cast<uint64_t>(seed));
    return 0;
  });
}

MOCO_API void* moco_generator_state(void* handle) {
  return guarded<>(static_cast<void*>(nullptr), [&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    return release(generator(handle).get_state());
  });
}

MOCO_API int32_t moco_generator_set_state(void* handle, void* state) {
  return guarded<>(-1, [&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    generator(handle).set_state(borrow(state));
    return 0;
  });
}

// The default generators of the CPU and of every other device.
MOCO_API int32_t moco_manual_seed(int64_t seed) {
  return guarded<>(-1, [&] {
    at::manual_seed(static_cast<uint64_t>(seed));
    return 0;
  });
}

MOCO_API int32_t moco_cuda_is_available() {
  return guarded<>(0, [] { return static_cast<int32_t>(torch::cuda::is_available()); });
}

MOCO_API int32_t moco_cuda_device_count() {
  return guarded<>(0, [] { return static_cast<int32_t>(torch::cuda::device_count()); });
}

MOCO_API int32_t moco_cudnn_is_available() {
  return guarded<>(0, [] { return static_cast<int32_t>(torch::cuda::cudnn_is_available()); });
}

MOCO_API int32_t moco_cuda_manual_seed(int64_t seed, int32_t all) {
  return guarded<>(-1, [&] {
    if (all != 0) torch::cuda::manual_seed_all(static_cast<uint64_t>(seed));
    else torch::cuda::manual_seed(static_cast<uint64_t>(seed));
    return 0;
  });
}

MOCO_API int32_t moco_cuda_synchronize(int64_t device_index) {
  return guarded<>(-1, [&] {
    torch::cuda::synchronize(device_index);
    return 0;
  });
}
