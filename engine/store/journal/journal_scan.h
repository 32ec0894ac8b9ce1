#pragma once

#include "engine/store/journal/record.h"

#include <functional>
#include <vector>

namespace signalbox::store {

/// What a scan meets, in the order of the file. Views last as long as the file's bytes.
class ScanVisitor {
public:
    virtual ~ScanVisitor() = default;

    /// A record that is whole.
    virtual void record(RecordHeader const& header, Bytes payload) = 0;

    /// A record that was there, by the copy of its header, and whose payload is damaged.
    virtual void lost(RecordHeader const& header) = 0;

    /// Commits from `first` to `last` were synced, and which records they held is not known.
    virtual void gap(std::uint64_t first, std::uint64_t last) = 0;
};

/// Where a journal stands between two commits.
struct JournalPoint {
    std::uint64_t commit = 0;  ///< The last.
    std::uint64_t chain = 0;
};

struct ScanResult {
    JournalPoint end;          ///< After the last commit that counts.
    std::uint64_t offset = 0;  ///< Behind it.
    bool damaged = false;      ///< Something was lost, and reported.
    bool torn = false;         ///< Something was begun behind `offset` that was never acknowledged.
};

/// Reads the commits of one file, and tells a torn tail, which nobody was told of and which is left
/// out, from damage, of which nothing is left out that can still be read.
///
/// A commit that is bad and behind all that a frame proves to be synced is torn; any other is
/// damage. `proven` is what is known from elsewhere to be on stable storage, such as from a later
/// file, for then the whole of this one is.
ScanResult scan_journal_file(Bytes file, JournalFileHeader const& header, JournalPoint before,
                             std::uint64_t proven, ScanVisitor& visitor);

}  // namespace signalbox::store
