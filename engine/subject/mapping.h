#pragma once

#include "engine/base/result.h"
#include "engine/subject/transform.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::subject {

/// One of the subjects that a mapping leads to.
struct MappingTarget {
    std::string subject;
    int weight = 100;     ///< Percent.
    std::string cluster;  ///< Only on servers of it; empty: on all.

    friend bool operator==(MappingTarget const&, MappingTarget const&) = default;
};

/// Renames the subjects of one filter, by weights to one of several targets.
///
/// What the weights leave of 100 stays as it is, unless the source itself is one of the targets:
/// then it is lost, for those who try what happens when messages get lost.
class Mapping {
public:
    /// For a server of that cluster. Errors: InvalidArgument, with the reference's text.
    static Result<Mapping> create(std::string_view source, std::span<MappingTarget const> targets,
                                  std::string_view cluster);

    std::string const& source() const { return source_; }
    bool matches(PublishSubject subject) const {
        return Filter::from_checked(source_).matches(subject);
    }

    /// One way that a message may take.
    struct Way {
        Transform transform;
        int below = 100;  ///< Taken by numbers from the one before to below this, of 100.
    };
    /// In the order of their weights; the last may end below 100, the rest is lost.
    std::vector<Way> const& ways() const { return ways_; }

    /// Which way the number takes, 0 to 99; null: the message is lost.
    Way const* way_of(int number) const;

private:
    std::string source_;
    std::vector<Way> ways_;
};

}  // namespace signalbox::subject
