#pragma once

#include "engine/base/check.h"

#include <compare>
#include <cstdint>
#include <utility>
#include <vector>

namespace signalbox::base {

/// Names a value in a `SlotMap<T>`. An id of a value that is gone finds nothing, also after its
/// slot was given to another.
template <class T>
struct SlotId {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;  ///< 0 names nothing.

    explicit operator bool() const { return generation != 0; }
    friend auto operator<=>(SlotId, SlotId) = default;
};

/// Values that others refer to by id, so that a late callback finds nothing instead of a dead
/// object.
template <class T>
class SlotMap {
public:
    using Id = SlotId<T>;

    Id insert(T value) {
        if (free_.empty()) {
            slots_.emplace_back();
            free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
        }
        std::uint32_t const index = free_.back();
        free_.pop_back();
        Slot& slot = slots_[index];
        slot.value = std::move(value);
        slot.live = true;
        ++size_;
        return {index, slot.generation};
    }

    /// The value, or none. Lasts until the next insert.
    T* find(Id id) {
        if (id.index >= slots_.size()) {
            return nullptr;
        }
        Slot& slot = slots_[id.index];
        return slot.live && slot.generation == id.generation ? &slot.value : nullptr;
    }

    /// Removes and returns the value, which must be there.
    T take(Id id) {
        T* found = find(id);
        CHECK(found != nullptr);
        T value = std::move(*found);
        Slot& slot = slots_[id.index];
        slot.value = T{};
        slot.live = false;
        // 0 is kept for "names nothing".
        slot.generation = slot.generation + 1 == 0 ? 1 : slot.generation + 1;
        free_.push_back(id.index);
        --size_;
        return value;
    }

    std::size_t size() const { return size_; }

    /// Calls `visit(id, value)` for each value, in the order of their slots.
    template <class Visit>
    void for_each(Visit visit) {
        for (std::uint32_t i = 0; i < slots_.size(); ++i) {
            if (slots_[i].live) {
                visit(Id{i, slots_[i].generation}, slots_[i].value);
            }
        }
    }

private:
    struct Slot {
        T value{};
        std::uint32_t generation = 1;
        bool live = false;
    };

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
};

}  // namespace signalbox::base
