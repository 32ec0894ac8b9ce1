#pragma once

#include "engine/store/segment/subject_table.h"
#include "engine/subject/subject.h"

#include <functional>
#include <string_view>
#include <vector>

namespace signalbox::store {

/// The subjects of a table in the order of their bytes, for filters with wildcards: four bytes a
/// subject, and nothing at all until the first question.
///
/// A large sorted run and a small one, which takes up what was added since the last question and is
/// merged into the large one when it has grown: adding costs nothing, and a question what came new.
class SubjectOrder {
public:
    explicit SubjectOrder(SubjectTable& table) : table_(table) {}

    void added(SubjectId id) {
        if (built_) {
            recent_.push_back(id);
        }
    }

    /// Its last message is gone.
    void removed(SubjectId id);

    /// Calls `visit` for each subject with messages that the filter matches, in order, until it
    /// answers false.
    void visit(subject::Filter filter, std::function<bool(SubjectId)> const& visit);

    void clear();

private:
    using Run = std::vector<SubjectId>;

    bool less(SubjectId a, SubjectId b) const { return table_.text(a) < table_.text(b); }
    void build();
    void bring_up();
    void merge_into(Run& run, Run& more);
    void forget_gone();

    SubjectTable& table_;
    Run large_;
    Run small_;
    Run recent_;
    Run gone_;  ///< Still in one of the runs.
    bool built_ = false;
};

}  // namespace signalbox::store
