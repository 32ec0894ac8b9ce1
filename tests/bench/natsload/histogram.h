// Log-linear latency histogram: 64 linear steps per power of two (under 1.6% error).
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace natsload {

class Histogram {
public:
    Histogram() : counts_((64 - kSubBits) * kSubCount + kSubCount, 0) {}

    void record(std::int64_t nanos) {
        auto const value = static_cast<std::uint64_t>(nanos < 0 ? 0 : nanos);
        ++counts_[index_of(value)];
        ++total_;
        if (value > max_)
            max_ = value;
    }

    void merge(Histogram const& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i)
            counts_[i] += other.counts_[i];
        total_ += other.total_;
        if (other.max_ > max_)
            max_ = other.max_;
    }

    void clear() {
        counts_.assign(counts_.size(), 0);
        total_ = 0;
        max_ = 0;
    }

    std::uint64_t count() const { return total_; }
    std::uint64_t max() const { return max_; }

    // Latency in nanoseconds below which `fraction` of the samples lie.
    std::uint64_t percentile(double fraction) const {
        if (total_ == 0)
            return 0;
        auto const wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(total_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > wanted)
                return value_of(i);
        }
        return max_;
    }

private:
    static constexpr unsigned kSubBits = 6;
    static constexpr std::uint64_t kSubCount = 1u << kSubBits;

    static std::size_t index_of(std::uint64_t value) {
        if (value < kSubCount)
            return value;
        unsigned const shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
        return (static_cast<std::size_t>(shift) + 1) * kSubCount + ((value >> shift) - kSubCount);
    }

    static std::uint64_t value_of(std::size_t index) {
        if (index < kSubCount)
            return index;
        const std::size_t shift = index / kSubCount - 1;
        return (kSubCount + index % kSubCount) << shift;
    }

    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace natsload
