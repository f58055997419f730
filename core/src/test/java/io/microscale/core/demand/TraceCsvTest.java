package io.microscale.core.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.core.demand.Trace.Point;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceCsvTest {
  private static List<Point> parse(String text) throws IOException {
    return TraceCsv.parse(new StringReader(text));
  }

  @Test
  void pointsAreRead() throws IOException {
    var points = List.of(new Point(0, 1.5), new Point(1, 0), new Point(2.5, 100));
    assertThat(parse("t_s,demand\n0,1.5\n1,0\n2.5,1e2\n")).isEqualTo(points);
    assertThat(parse("\uFEFFt_s,value\r\n 0 , 1.5 \r\n\r\n1,0\r\n2.5,100")).isEqualTo(points);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|line 1: need the header t_s,demand, got 'null'",
        "0,1|line 1: need the header t_s,demand, got '0,1'",
        "t_s,demand|line 2: need at least one point, got 'none'",
        "t_s,demand;0|line 2: need t_s,demand, got '0'",
        "t_s,demand;0,1,2|line 2: need t_s,demand, got '0,1,2'",
        "t_s,demand;0,1;1,x|line 3: demand: need a number, got 'x'",
        "t_s,demand;0,1;1,|line 3: demand: need a number, got ''",
        "t_s,demand;0,1;1,NaN|line 3: demand: need a finite number >= 0, got 'NaN'",
        "t_s,demand;0,1;1,-3|line 3: demand: need a finite number >= 0, got '-3'",
        "t_s,demand;-1,1|line 2: t_s: need a finite number >= 0, got '-1'",
        "t_s,demand;0,1;;0,2|line 4: t_s: need more than the 0.0 of the point before, got '0'",
        "t_s,demand;5,1;4,2|line 3: t_s: need more than the 5.0 of the point before, got '4'",
      })
  void mistakesNameLineRuleAndValue(String text, String message) {
    assertThatThrownBy(() -> parse(text.replace(';', '\n')))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void endlessLineIsRefused() {
    assertThatThrownBy(() -> parse("t_s,demand\n" + "1".repeat(1_000_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 2: need at most 200 characters");
  }
}
