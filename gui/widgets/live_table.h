#pragma once

#include "gui/theme.h"
#include "gui/widgets/cell_delegate.h"

#include <QTableView>

class QSettings;

namespace signalbox::gui {

/// A table of rows of one height that stays quick however much changes behind it.
///
/// Says which rows can be seen, so that models tell of these alone. Can follow its end, until one
/// scrolls up; rows that leave at the top do not move what is looked at.
class LiveTable : public QTableView {
    Q_OBJECT

public:
    LiveTable(Theme const& theme, QString const& accessibleName, QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* model) override;
    CellDelegate& cells() { return *cells_; }

    /// Widths of the columns from the left; the one at `stretch` takes what is left over.
    void setColumnWidths(QList<int> const& widths, int stretch);

    /// For lists that grow at their end.
    void setFollowing(bool following);
    bool following() const { return following_; }
    /// Whether this list follows its end at all.
    void enableFollowing();

    /// Shown in the middle while there are no rows.
    void setEmptyText(QString const& text);

    /// The selected rows as lines of tab-separated cells.
    QString selectedText() const;

signals:
    void visibleRowsChanged(int first, int last);
    void expandToggled(int row);
    void followingChanged(bool following);
    void copied();

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void tellVisibleRows();
    void rowsLeft(int first, int last);
    void scrolled(int value);
    bool toggleWith(QKeyEvent const& event);
    int parentOf(int row) const;
    void chooseColumns(QPoint const& at);

    Theme const& theme_;
    CellDelegate* cells_;
    QString emptyText_;
    bool follows_ = false;
    bool following_ = false;
    bool moving_ = false;  ///< The scroll bar is moved by us.
};

}  // namespace signalbox::gui
