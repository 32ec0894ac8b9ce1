#pragma once

#include "engine/observe/subject_tree.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace signalbox::observe {

/// Finds the filters that nothing published matches.
///
/// Asked for the rows a person sees only, and bounded even so: when finding out would take too
/// long, a filter is not called unheard.
class UnheardFilters {
public:
    /// Once before the questions of one look.
    void begin() { steps_left_ = kStepsPerLook; }

    bool is_unheard(SubjectTree const& tree, SubjectIds const& ids, NodeId filter);

    static constexpr std::size_t kStepsPerLook = 20'000;

private:
    struct Answer {
        std::uint64_t published = 0;  ///< Subjects with a message when it was found.
        bool unheard = false;
    };

    struct Where {
        SubjectTree const& tree;
        SubjectIds const& ids;
    };

    bool is_published(Where where, NodeId node, std::string_view rest);

    std::unordered_map<NodeId, Answer> answers_;
    std::size_t steps_left_ = 0;
};

}  // namespace signalbox::observe
