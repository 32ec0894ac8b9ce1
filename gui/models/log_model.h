#pragma once

#include "engine/base/logger.h"

#include "gui/models/filtered_ring.h"
#include "gui/models/roles.h"
#include "gui/source/data_source.h"

#include <QAbstractTableModel>

namespace signalbox::gui {

/// The log of the servers: a ring of lines, of which those of a level and with a text are shown.
class LogModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Time,
        Level,
        Text,
        kColumns
    };

    static constexpr std::size_t kLimit = 200'000;

    explicit LogModel(QObject* parent = nullptr, std::size_t limit = kLimit);

    void append(LogBatch const& rows);
    void clear();

    /// Shows lines at least as grave as `level`.
    void setLevel(base::LogLevel level);
    /// Shows only lines that hold the text, in any case.
    void setText(QString const& text);

    std::size_t held() const { return ring_.held(); }
    /// One shown line as a log file would have it.
    QString line(int row) const;

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void applyFilter();

    FilteredRing<observe::LogRow> ring_;
    base::LogLevel level_ = base::LogLevel::Trace;
    QString text_;
};

QString levelName(base::LogLevel level);

}  // namespace signalbox::gui
