#include "gui/models/subject_tree_model.h"

#include "gui/models/figures.h"

namespace signalbox::gui {

namespace {

/// Snapshots for which the trail of a row that left the screen is still kept.
constexpr unsigned kTrailGrace = 100;

}  // namespace

void SubjectTreeModel::show(TreePtr tree, qint64 nowMs) {
    nowMs_ = nowMs;
    ++tick_;
    std::vector<observe::TreeRow const*> next;
    next.reserve(tree->rows.size());
    for (observe::TreeRow const& row : tree->rows) {
        next.push_back(&row);
    }
    // The rows of before are looked at until they are replaced.
    TreePtr const before = std::exchange(tree_, std::move(tree));
    replaceRows(std::move(next));
    extendTrails();
}

observe::TreeRow const* SubjectTreeModel::rowAt(int row) const {
    observe::TreeRow const* const* const found = LiveRows::rowAt(row);
    return found == nullptr ? nullptr : *found;
}

void SubjectTreeModel::clear() {
    trails_.clear();
    replaceRows({});
    tree_.reset();
}

void SubjectTreeModel::extendTrails() {
    auto const [first, last] = visibleRows();
    for (int i = std::max(first, 0); i <= last; ++i) {
        observe::TreeRow const* row = rowAt(i);
        if (row == nullptr) {
            break;
        }
        if (row->kind != observe::TreeRow::Kind::Subject) {
            continue;
        }
        KeptTrail& trail = trails_[row->node];
        if (trail.values.size() >= kTrailLength) {
            trail.values.erase(trail.values.begin());
        }
        trail.values.push_back(static_cast<float>(row->msgs_per_second));
        trail.lastTick = tick_;
    }
    if (tick_ % kTrailGrace == 0) {
        std::erase_if(trails_,
                      [&](auto const& one) { return one.second.lastTick + kTrailGrace < tick_; });
    }
}

int SubjectTreeModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

SubjectTreeModel::Key SubjectTreeModel::keyOf(observe::TreeRow const* const& row) const {
    // A row that says how many more there are carries the id of their parent.
    bool const more = row->kind == observe::TreeRow::Kind::More;
    return (Key{row->node} << 1) | (more ? 1U : 0U);
}

QVariant SubjectTreeModel::data(QModelIndex const& index, int role) const {
    observe::TreeRow const* row = rowAt(index.row());
    if (row == nullptr) {
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
            return text(*row, index.column());
        case Qt::ToolTipRole:
            return tip(*row, index.column());
        case Qt::AccessibleTextRole: {
            QString all = text(*row, index.column());
            if (index.column() == Subject) {
                for (Badge const& badge : badges(*row)) {
                    all += QStringLiteral(", ") + badge.text;
                }
            } else if (index.column() == Trend) {
                all = tr("trend, now %1 per second").arg(shortCount(row->msgs_per_second));
            }
            return all;
        }
        case Qt::TextAlignmentRole:
            return index.column() == Subject ? int(Qt::AlignLeft | Qt::AlignVCenter)
                                             : int(Qt::AlignRight | Qt::AlignVCenter);
        case ToneRole:
            return static_cast<int>(tone(*row, index.column()));
        case BadgesRole:
            return index.column() == Subject ? QVariant::fromValue(badges(*row)) : QVariant();
        case TrailRole:
            if (auto const found = trails_.find(row->node);
                index.column() == Trend && found != trails_.end()) {
                return QVariant::fromValue(found->second.values);
            }
            return {};
        case DepthRole:
            return int(row->depth);
        case HasChildrenRole:
            return row->has_children;
        case ExpandedRole:
            return row->expanded;
        default:
            return {};
    }
}

QString SubjectTreeModel::seenText(observe::TreeRow const& row) const {
    return row.last_seen_ms == 0 ? QString(QChar(0x2013)) : ago(nowMs_ - row.last_seen_ms);
}

QString SubjectTreeModel::text(observe::TreeRow const& row, int column) const {
    if (row.kind == observe::TreeRow::Kind::More) {
        return column == Subject ? tr("%1 more…").arg(exactCount(row.more)) : QString();
    }
    QString const none(QChar(0x2013));
    switch (column) {
        case Subject:
            return wireText(row.token);
        case MsgRate:
            return rateCell(row.msgs_per_second);
        case ByteRate:
            return byteRateCell(row.bytes_per_second);
        case Messages:
            return row.msgs == 0 ? none : shortCount(static_cast<double>(row.msgs));
        case Bytes:
            return row.msgs == 0 ? none : shortBytes(static_cast<double>(row.bytes));
        case Publishers:
            if (row.publishers >= observe::TreeRow::kPublisherCap) {
                return QStringLiteral("%1+").arg(observe::TreeRow::kPublisherCap);
            }
            return row.publishers == 0 ? none : QString::number(row.publishers);
        case Subscribers:
            return row.subscribers == 0 ? none : exactCount(row.subscribers);
        case LastSeen:
            return seenText(row);
        case LastSize:
            return row.last_seen_ms == 0 || row.has_children ? none : shortBytes(row.last_size);
        default:
            return {};
    }
}

QString SubjectTreeModel::tip(observe::TreeRow const& row, int column) const {
    if (row.kind == observe::TreeRow::Kind::More) {
        return tr("Press Enter to show all of them");
    }
    switch (column) {
        case Subject: {
            QString text = wireText(row.subject);
            if (row.no_interest) {
                text += QLatin1Char('\n') + tr("The last message here found no subscription.");
            }
            if (row.no_traffic) {
                text +=
                    QLatin1Char('\n') + tr("Subscribed to, and nothing it matches was published.");
            }
            return text;
        }
        case MsgRate:
            return tr("%1 messages a second").arg(row.msgs_per_second, 0, 'f', 1);
        case Messages:
            return tr("%1 messages").arg(exactCount(row.msgs));
        case Bytes:
            return tr("%1 bytes").arg(exactCount(row.bytes));
        case Publishers:
            return tr("Distinct connections that published here in the last minute, counted up "
                      "to %1")
                .arg(observe::TreeRow::kPublisherCap);
        case Subscribers:
            return tr("Subscriptions on exactly this subject: %1\nReached by the last message: %2")
                .arg(exactCount(row.subscribers), exactCount(row.receivers));
        default:
            return {};
    }
}

Badges SubjectTreeModel::badges(observe::TreeRow const& row) const {
    Badges all;
    if (row.no_interest) {
        all.push_back({tr("no interest"), Tone::Warning});
    }
    if (row.no_traffic) {
        all.push_back({tr("no traffic"), Tone::Muted});
    }
    if (row.is_filter) {
        all.push_back({tr("filter"), Tone::Accent});
    }
    return all;
}

Tone SubjectTreeModel::tone(observe::TreeRow const& row, int column) const {
    if (row.kind == observe::TreeRow::Kind::More) {
        return Tone::Accent;
    }
    bool const quiet = row.msgs_per_second < 0.05;
    switch (column) {
        case Subject:
            return Tone::Plain;
        case MsgRate:
        case ByteRate:
            return quiet ? Tone::Muted : Tone::Plain;
        case LastSeen:
        case LastSize:
            return Tone::Muted;
        default:
            return Tone::Plain;
    }
}

QVariant SubjectTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return section == Subject ? int(Qt::AlignLeft | Qt::AlignVCenter)
                                  : int(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Subject:
            return tr("Subject");
        case MsgRate:
            return tr("Msg/s");
        case ByteRate:
            return tr("B/s");
        case Trend:
            return tr("Trend");
        case Messages:
            return tr("Messages");
        case Bytes:
            return tr("Bytes");
        case Publishers:
            return tr("Publishers");
        case Subscribers:
            return tr("Subscribers");
        case LastSeen:
            return tr("Last seen");
        case LastSize:
            return tr("Last size");
        default:
            return {};
    }
}

std::optional<observe::TreeSort> SubjectTreeModel::sortOf(int column) {
    switch (column) {
        case Subject:
            return observe::TreeSort::Name;
        case MsgRate:
        case Trend:
            return observe::TreeSort::MsgRate;
        case ByteRate:
            return observe::TreeSort::ByteRate;
        case Messages:
            return observe::TreeSort::TotalMsgs;
        case Bytes:
            return observe::TreeSort::TotalBytes;
        case Subscribers:
            return observe::TreeSort::Subscribers;
        case LastSeen:
            return observe::TreeSort::LastSeen;
        default:
            return std::nullopt;
    }
}

}  // namespace signalbox::gui
