#include "engine/sim/sim_entropy.h"

#include "engine/base/hash.h"

#include <bit>

namespace signalbox::sim {

SimEntropy::SimEntropy(std::uint64_t seed) : seed_(seed) {
    // Spread over the state by splitmix64, for a seed may be as small as 1.
    std::uint64_t x = seed;
    for (std::uint64_t& word : state_) {
        x += 0x9e3779b97f4a7c15U;
        std::uint64_t z = x;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        word = z ^ (z >> 31);
    }
}

std::uint64_t SimEntropy::next() {
    // The generator xoshiro256**.
    std::uint64_t const result = std::rotl(state_[1] * 5, 7) * 9;
    std::uint64_t const shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

void SimEntropy::fill(std::span<unsigned char> bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        std::uint64_t word = next();
        for (unsigned byte = 0; byte < 8 && i < bytes.size(); ++byte, ++i) {
            bytes[i] = static_cast<unsigned char>(word & 0xff);
            word >>= 8;
        }
    }
}

std::unique_ptr<world::Entropy> SimEntropy::fork(std::string_view name) {
    return std::make_unique<SimEntropy>(base::hash_of(name, seed_ + ++forks_));
}

}  // namespace signalbox::sim
