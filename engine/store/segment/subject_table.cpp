#include "engine/store/segment/subject_table.h"

#include "engine/base/check.h"
#include "engine/base/hash.h"

#include <bit>
#include <cstring>

namespace signalbox::store {

TextArena::Place TextArena::put(std::string_view text) {
    CHECK(text.size() <= kLongest);
    std::size_t const need = text.size() + 2;
    if (pieces_.empty() || pieces_.back().used + need > kPiece) {
        // Places are 32 bits: four gigabytes of text in one stream are never reached by the memory
        // limits above.
        CHECK(pieces_.size() < kPiece);
        pieces_.push_back({std::make_unique_for_overwrite<char[]>(kPiece)});
    }
    Piece& piece = pieces_.back();
    char* const at = piece.bytes.get() + piece.used;
    at[0] = static_cast<char>(text.size());
    at[1] = static_cast<char>(text.size() >> 8);
    std::memcpy(at + 2, text.data(), text.size());
    Place const place = static_cast<Place>((pieces_.size() - 1) * kPiece + piece.used);
    piece.used += static_cast<std::uint32_t>(need);
    ++piece.texts;
    return place;
}

std::string_view TextArena::at(Place place) const {
    char const* const at = pieces_[place / kPiece].bytes.get() + place % kPiece;
    std::size_t const size =
        static_cast<unsigned char>(at[0]) | (std::size_t{static_cast<unsigned char>(at[1])} << 8);
    return {at + 2, size};
}

void TextArena::drop(Place place) {
    Piece& piece = pieces_[place / kPiece];
    if (--piece.texts == 0) {
        if (&piece == &pieces_.back()) {
            piece.used = 0;
        } else {
            piece.bytes.reset();
        }
    }
}

std::size_t SubjectTable::slot_of(std::string_view subject, std::uint32_t tag) const {
    std::size_t const mask = slots_.size() - 1;
    std::size_t at = tag & mask;
    while (slots_[at].id != kNoSubject &&
           (slots_[at].tag != tag || text(slots_[at].id) != subject)) {
        at = (at + 1) & mask;
    }
    return at;
}

std::optional<SubjectId> SubjectTable::find(std::string_view subject) const {
    if (slots_.empty()) {
        return std::nullopt;
    }
    Slot const& slot = slots_[slot_of(subject, static_cast<std::uint32_t>(base::hash_of(subject)))];
    return slot.id == kNoSubject ? std::nullopt : std::optional(slot.id);
}

SubjectId SubjectTable::find_or_add(std::string_view subject, bool& added) {
    if ((size_ + 1) * 4 > slots_.size() * 3) {
        grow(slots_.empty() ? 16 : slots_.size() * 2);
    }
    std::uint32_t const tag = static_cast<std::uint32_t>(base::hash_of(subject));
    Slot& slot = slots_[slot_of(subject, tag)];
    added = slot.id == kNoSubject;
    if (!added) {
        return slot.id;
    }
    SubjectId id;
    if (free_.empty()) {
        id = static_cast<SubjectId>(entries_.size());
        entries_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    entries_[id] = SubjectEntry{};
    entries_[id].text = texts_.put(subject);
    slot = {tag, id};
    ++size_;
    return id;
}

void SubjectTable::remove(SubjectId id) {
    std::string_view const subject = text(id);
    std::size_t const mask = slots_.size() - 1;
    std::size_t hole = slot_of(subject, static_cast<std::uint32_t>(base::hash_of(subject)));
    CHECK(slots_[hole].id == id);
    // What stands behind moves up, unless it would come before the place it is looked for from.
    for (std::size_t at = (hole + 1) & mask; slots_[at].id != kNoSubject; at = (at + 1) & mask) {
        std::size_t const home = slots_[at].tag & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots_[hole] = slots_[at];
            hole = at;
        }
    }
    slots_[hole] = Slot{};
    --size_;
}

void SubjectTable::free(SubjectId id) {
    texts_.drop(entries_[id].text);
    free_.push_back(id);
}

void SubjectTable::grow(std::size_t slots) {
    std::vector<Slot> const old = std::move(slots_);
    slots_.assign(slots, Slot{});
    std::size_t const mask = slots - 1;
    for (Slot const& slot : old) {
        if (slot.id == kNoSubject) {
            continue;
        }
        std::size_t at = slot.tag & mask;
        while (slots_[at].id != kNoSubject) {
            at = (at + 1) & mask;
        }
        slots_[at] = slot;
    }
}

void SubjectTable::reserve(std::size_t subjects) {
    std::size_t const slots = std::bit_ceil(subjects * 4 / 3 + 16);
    if (slots > slots_.size()) {
        grow(slots);
    }
    entries_.reserve(subjects);
}

void SubjectTable::clear() {
    *this = SubjectTable();
}

std::uint64_t SubjectTable::memory() const {
    return slots_.capacity() * sizeof(Slot) + entries_.capacity() * sizeof(SubjectEntry) +
           free_.capacity() * sizeof(SubjectId) + texts_.bytes();
}

}  // namespace signalbox::store
