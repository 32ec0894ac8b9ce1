#pragma once

#include "gui/models/filtered_ring.h"
#include "gui/models/roles.h"
#include "gui/source/data_source.h"

#include <QAbstractTableModel>

namespace signalbox::gui {

/// The messages a tap brought, oldest first, in a ring.
///
/// Pausing freezes what is shown and not the capture: rows go on to arrive and wait, up to the
/// ring's size.
class TapModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Number,
        Time,
        Publisher,
        Subject,
        Reply,
        Headers,
        Size,
        Recipients,
        Preview,
        kColumns
    };
    enum class TimeStyle {
        Clock,
        Delta,  ///< Since the row before.
    };

    static constexpr std::size_t kLimit = 20'000;

    explicit TapModel(QObject* parent = nullptr, std::size_t limit = kLimit);

    void append(TapBatch const& rows);
    void clear();

    void setPaused(bool paused);
    bool paused() const { return paused_; }
    std::size_t waiting() const { return waiting_.size(); }
    std::size_t held() const { return ring_.held(); }
    quint64 received() const { return received_; }

    /// Shows only rows whose subject, reply, headers or payload hold the text, in any case.
    void setDisplayFilter(QString const& text);
    void setTimeStyle(TimeStyle style);

    TapRowPtr rowAt(int row) const;

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

signals:
    void waitingChanged(std::size_t waiting);

private:
    void appendNow(TapBatch const& rows);
    QString text(observe::TapRow const& row, int index, int column) const;
    QString timeText(observe::TapRow const& row, int index) const;

    FilteredRing<TapRowPtr> ring_;
    TapBatch waiting_;
    quint64 received_ = 0;
    TimeStyle timeStyle_ = TimeStyle::Clock;
    bool paused_ = false;
};

/// The start of a payload on one line, controls shown as dots.
QString previewText(std::string const& payload);

}  // namespace signalbox::gui
