#include "engine/store/segment/segment_table.h"

#include "engine/base/byte_reader.h"

#include <algorithm>
#include <bit>

namespace signalbox::store {
namespace {

/// The caller has checked that the bytes are whole: they are its own, or were checked when loaded.
std::uint64_t take_varint(char const*& at) {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        std::uint64_t const byte = static_cast<unsigned char>(*at++);
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
}

bool checked_varint(char const*& at, char const* end, std::uint64_t& value) {
    for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
        std::uint64_t const byte = static_cast<unsigned char>(*at++);
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

std::uint64_t mask_of(std::uint32_t rows) {
    return rows == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rows) - 1;
}

}  // namespace

void SegmentTable::append(Row const& row) {
    bool const new_block = groups_.empty() || groups_.back().block != row.block;
    if (new_block || groups_.back().rows == kGroupRows) {
        groups_.push_back({.first = row.sequence,
                           .time = row.time,
                           .at = static_cast<std::uint32_t>(rows_bytes_.size()),
                           .block = row.block,
                           .offset = row.offset});
        last_.sequence = row.sequence;
        last_.time = row.time;
    }
    ByteWriter out(rows_bytes_);
    out.put_varint(row.sequence - last_.sequence);
    out.put_varint(base::zigzag(row.time - last_.time));
    out.put_varint((std::uint64_t{row.size} << 1) | (row.has_headers ? 1 : 0));
    out.put_varint(row.subject);
    out.put_varint(row.previous == 0 ? 0 : row.sequence - row.previous);
    ++groups_.back().rows;
    ++rows_;
    ++live_;
    latest_ = std::max(latest_, row.time);
    last_ = row;
}

std::uint32_t SegmentTable::group_of(Sequence sequence) const {
    auto const after = std::ranges::upper_bound(groups_, sequence, {}, &Group::first);
    return after == groups_.begin() ? 0 : static_cast<std::uint32_t>(after - groups_.begin() - 1);
}

std::uint32_t SegmentTable::decode(std::uint32_t number, GroupRows& rows) const {
    Group const& group = groups_[number];
    char const* at = rows_bytes_.data() + group.at;
    Sequence sequence = group.first;
    std::int64_t time = group.time;
    std::uint32_t offset = group.offset;
    for (std::uint32_t i = 0; i < group.rows; ++i) {
        Row& row = rows[i];
        sequence += take_varint(at);
        time = static_cast<std::int64_t>(
            static_cast<std::uint64_t>(time) +
            static_cast<std::uint64_t>(base::from_zigzag(take_varint(at))));
        std::uint64_t const size = take_varint(at);
        row.sequence = sequence;
        row.time = time;
        row.block = group.block;
        row.offset = offset;
        row.size = static_cast<std::uint32_t>(size >> 1);
        row.has_headers = (size & 1) != 0;
        row.subject = static_cast<std::uint32_t>(take_varint(at));
        std::uint64_t const distance = take_varint(at);
        row.previous = distance == 0 ? 0 : sequence - distance;
        offset += row.size;
    }
    return group.rows;
}

bool SegmentTable::all_deleted(std::uint32_t group) const {
    return groups_[group].deleted == mask_of(groups_[group].rows);
}

std::optional<RowPlace> SegmentTable::find(Sequence sequence, Row& row) const {
    if (groups_.empty() || sequence < first() || sequence > last()) {
        return std::nullopt;
    }
    std::uint32_t const group = group_of(sequence);
    if (all_deleted(group)) {
        return std::nullopt;
    }
    GroupRows rows;
    std::uint32_t const count = decode(group, rows);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (rows[i].sequence == sequence) {
            row = rows[i];
            return is_deleted({group, i}) ? std::nullopt : std::optional(RowPlace{group, i});
        }
    }
    return std::nullopt;
}

void SegmentTable::erase(RowPlace at) {
    groups_[at.group].deleted |= std::uint64_t{1} << at.place;
    --live_;
}

void SegmentTable::shrink_to_fit() {
    groups_.shrink_to_fit();
    rows_bytes_.shrink_to_fit();
}

void SegmentTable::save(std::string& out) const {
    ByteWriter writer(out);
    writer.put_varint(groups_.size());
    Group before;
    for (Group const& group : groups_) {
        writer.put_varint(group.first - before.first);
        writer.put_varint(base::zigzag(group.time - before.time));
        writer.put_varint(group.at - before.at);
        writer.put_varint(group.block - before.block);
        writer.put_varint(group.offset);
        writer.put_varint(group.rows);
        before = group;
    }
    writer.put_block(rows_bytes_);
}

Result<SegmentTable> SegmentTable::load(Bytes bytes, std::vector<std::uint32_t> const& block_sizes,
                                        std::uint32_t subjects) {
    ByteReader in(bytes);
    SegmentTable table;
    std::uint64_t const count = TRY(in.take_varint());
    // Each takes six bytes at least, so that a wrong number makes nothing large.
    if (count > bytes.size() / 6) {
        return Error(Errc::Corrupt, "more groups than bytes");
    }
    table.groups_.resize(static_cast<std::size_t>(count));
    Group before;
    for (Group& group : table.groups_) {
        group.first = before.first + TRY(in.take_varint());
        // As unsigned, for foreign numbers may go beyond what there is.
        group.time = static_cast<std::int64_t>(
            static_cast<std::uint64_t>(before.time) +
            static_cast<std::uint64_t>(base::from_zigzag(TRY(in.take_varint()))));
        group.at = static_cast<std::uint32_t>(before.at + TRY(in.take_varint()));
        group.block = static_cast<std::uint32_t>(before.block + TRY(in.take_varint()));
        group.offset = static_cast<std::uint32_t>(TRY(in.take_varint()));
        group.rows = static_cast<std::uint32_t>(TRY(in.take_varint()));
        before = group;
    }
    table.rows_bytes_ = std::string(TRY(in.take_block()));
    if (!in.done()) {
        return Error(Errc::Corrupt, "bytes behind a segment's table");
    }
    if (Result<void> const checked = table.check(block_sizes, subjects); !checked.ok()) {
        return checked.error();
    }
    return table;
}

/// After this `decode` trusts the bytes. Millions of rows are checked at a start.
Result<void> SegmentTable::check(std::vector<std::uint32_t> const& block_sizes,
                                 std::uint32_t subjects) {
    char const* at = rows_bytes_.data();
    char const* const end = at + rows_bytes_.size();
    Sequence last = 0;
    bool right = true;
    for (Group const& group : groups_) {
        if (group.at != static_cast<std::size_t>(at - rows_bytes_.data()) || group.rows == 0 ||
            group.rows > kGroupRows || group.block >= block_sizes.size() || group.first <= last) {
            return Error(Errc::Corrupt, "a segment's table contradicts itself");
        }
        Row row{.sequence = group.first, .time = group.time, .block = group.block};
        std::uint64_t offset = group.offset;
        std::uint64_t const block_size = block_sizes[group.block];
        for (std::uint32_t i = 0; i < group.rows && right; ++i) {
            std::uint64_t values[5] = {};
            for (std::uint64_t& value : values) {
                right = right && checked_varint(at, end, value);
            }
            std::uint64_t const size = values[2] >> 1;
            row.sequence += values[0];
            row.time =
                static_cast<std::int64_t>(static_cast<std::uint64_t>(row.time) +
                                          static_cast<std::uint64_t>(base::from_zigzag(values[1])));
            right = right && (i == 0) == (values[0] == 0) && row.sequence >= group.first &&
                    values[3] < subjects && values[4] < row.sequence && size <= block_size &&
                    offset + size <= block_size;
            row.offset = static_cast<std::uint32_t>(offset);
            row.size = static_cast<std::uint32_t>(size);
            offset += size;
            latest_ = std::max(latest_, row.time);
        }
        if (!right) {
            return Error(Errc::Corrupt, "a segment's table contradicts itself");
        }
        last = row.sequence;
        last_ = row;
        rows_ += group.rows;
    }
    live_ = rows_;
    return at == end ? Result<void>() : Error(Errc::Corrupt, "rows behind the last group");
}

void SegmentTable::save_deleted(std::string& out) const {
    ByteWriter writer(out);
    Sequence before = 0;
    for (Group const& group : groups_) {
        if (group.deleted != 0) {
            writer.put_varint(group.first - before);
            writer.put(group.deleted);
            before = group.first;
        }
    }
}

Result<void> SegmentTable::load_deleted(Bytes bytes, Groups which) {
    ByteReader in(bytes);
    Sequence first = 0;
    while (!in.done()) {
        first += TRY(in.take_varint());
        std::uint64_t const deleted = TRY(in.take<std::uint64_t>());
        auto const group = std::ranges::lower_bound(groups_, first, {}, &Group::first);
        bool const there = group != groups_.end() && group->first == first;
        if (there && (deleted & ~mask_of(group->rows)) == 0) {
            live_ += static_cast<std::uint64_t>(std::popcount(group->deleted));
            group->deleted = deleted;
            live_ -= static_cast<std::uint64_t>(std::popcount(deleted));
        } else if (there || which == Groups::All) {
            return Error(Errc::Corrupt, "more is gone than there was");
        }
    }
    return {};
}

}  // namespace signalbox::store
