#pragma once

#include "gui/models/roles.h"
#include "gui/source/lab_source.h"

#include <QAbstractTableModel>

#include <deque>

namespace signalbox::gui {

/// What happened in a lab, oldest first; the newest are kept.
class TimelineModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Time,
        What,
        Text,
        kColumns
    };
    static constexpr std::size_t kKept = 5'000;

    using QAbstractTableModel::QAbstractTableModel;

    void append(TimelineBatch const& entries);
    void clear();
    /// A line each, for a file or the clipboard.
    QString text() const;

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::deque<host::lab::TimelineEntry> entries_;
};

}  // namespace signalbox::gui
