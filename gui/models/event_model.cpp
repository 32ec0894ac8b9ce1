#include "gui/models/event_model.h"

#include "gui/models/connection_model.h"
#include "gui/models/event_words.h"
#include "gui/models/figures.h"

namespace signalbox::gui {

void EventModel::append(EventBatch const& rows) {
    if (rows.empty()) {
        return;
    }
    if (rows_.size() + rows.size() > kLimit) {
        std::size_t const keep = rows.size() >= kLimit ? 0 : (kLimit - rows.size()) * 9 / 10;
        if (keep < rows_.size()) {
            beginRemoveRows({}, static_cast<int>(keep), static_cast<int>(rows_.size()) - 1);
            rows_.resize(keep);
            endRemoveRows();
        }
    }
    beginInsertRows({}, 0, static_cast<int>(rows.size()) - 1);
    for (observe::EventRow const& row : rows) {
        rows_.push_front(row);
    }
    endInsertRows();
}

void EventModel::clear() {
    beginResetModel();
    rows_.clear();
    endResetModel();
}

int EventModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int EventModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant EventModel::data(QModelIndex const& index, int role) const {
    if (!index.isValid() || static_cast<std::size_t>(index.row()) >= rows_.size()) {
        return {};
    }
    observe::EventRow const& row = rows_[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return index.column() == Kind ? QString() : text(row, index.column());
        case Qt::AccessibleTextRole:
            return text(row, index.column());
        case Qt::ToolTipRole:
            return index.column() == Time ? dateText(row.time) : text(row, Text);
        case BadgesRole:
            return index.column() == Kind
                       ? QVariant::fromValue(Badges{{eventName(row.kind), eventTone(row.kind)}})
                       : QVariant();
        case ToneRole:
            return static_cast<int>(index.column() == Time ? Tone::Muted : Tone::Plain);
        default:
            return {};
    }
}

QString EventModel::text(observe::EventRow const& row, int column) const {
    switch (column) {
        case Time:
            return clockText(row.time);
        case Kind:
            return eventName(row.kind);
        case Text: {
            QString said = wireText(row.text);
            if (row.connection == nullptr) {
                return said;
            }
            QString const who = connectionText(*row.connection);
            return said.isEmpty() ? who : QStringLiteral("%1: %2").arg(who, said);
        }
        default:
            return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Time:
            return tr("Time");
        case Kind:
            return tr("Event");
        case Text:
            return tr("What happened");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
