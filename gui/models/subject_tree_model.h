#pragma once

#include "engine/observe/snapshot.h"

#include "gui/models/live_rows.h"
#include "gui/models/roles.h"

#include <memory>
#include <unordered_map>

namespace signalbox::gui {

/// The rows of the subject tree that are asked for, as an indented table.
///
/// What is expanded, sorted and filtered is settled by the query the source answers; this only
/// holds the answer, of which it copies nothing: rows point into the snapshot. Trails are kept for
/// the rows on screen and forgotten soon after.
class SubjectTreeModel : public LiveRows<observe::TreeRow const*> {
    Q_OBJECT

public:
    enum Column {
        Subject,
        MsgRate,
        ByteRate,
        Trend,
        Messages,
        Bytes,
        Publishers,
        Subscribers,
        LastSeen,
        LastSize,
        kColumns
    };

    using LiveRows::LiveRows;
    using TreePtr = std::shared_ptr<observe::TreeSnapshot const>;

    /// `nowMs` is the wall clock of the snapshot, from which ages are counted.
    void show(TreePtr tree, qint64 nowMs);
    void clear();

    /// None past the end.
    observe::TreeRow const* rowAt(int row) const;

    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// What the engine orders by when a person sorts by `column`; nothing for those it cannot.
    static std::optional<observe::TreeSort> sortOf(int column);

    static constexpr std::size_t kTrailLength = 40;

protected:
    Key keyOf(observe::TreeRow const* const& row) const override;

private:
    QString text(observe::TreeRow const& row, int column) const;
    QString tip(observe::TreeRow const& row, int column) const;
    QString seenText(observe::TreeRow const& row) const;
    Badges badges(observe::TreeRow const& row) const;
    Tone tone(observe::TreeRow const& row, int column) const;
    void extendTrails();

    struct KeptTrail {
        Trail values;
        unsigned lastTick = 0;
    };

    TreePtr tree_;  ///< Holds what the rows point to.
    std::unordered_map<observe::NodeId, KeptTrail> trails_;
    qint64 nowMs_ = 0;
    unsigned tick_ = 0;
};

}  // namespace signalbox::gui
